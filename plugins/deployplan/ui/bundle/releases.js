// \0host:react
var e = globalThis.React ?? {}, t = e.Component, n = e.memo, r = e.useEffect, i = e.useId, a = e.useState, o = class extends t {
	state = { broken: !1 };
	static getDerivedStateFromError() {
		return { broken: !0 };
	}
	componentDidCatch(e) {
		console.error("deployplan:", e);
	}
	render() {
		return this.state.broken ? this.props.instead : this.props.children;
	}
}, s = globalThis.ChakraUI ?? {}, c = s.Box, l = s.Button, u = s.Flex, d = s.Heading, f = s.Input, p = s.Text, m = s.chakra, h = globalThis.ReactRouterDOM ?? {}, g = h.Link, ee = h.NavLink, te = h.Route, ne = h.Routes, re = h.useLocation, ie = h.useParams, ae = h.useSearchParams, _ = globalThis.ReactJSXRuntime ?? {}, v = _.Fragment, y = _.jsx, b = _.jsxs;
// src/Choice.tsx
function oe(e) {
	let { label: t, value: n, offered: r, choose: i } = e, a = `deployplan-${t.replaceAll(" ", "-")}`;
	return /* @__PURE__ */ b(c, {
		fontSize: "sm",
		children: [/* @__PURE__ */ b("label", {
			htmlFor: a,
			children: [t, " "]
		}), /* @__PURE__ */ b(m.select, {
			id: a,
			value: n,
			borderWidth: "1px",
			borderColor: "border.emphasized",
			borderRadius: "md",
			bg: "bg",
			color: "fg",
			p: "1",
			maxWidth: "14rem",
			onChange: (e) => i(e.target.value),
			children: [/* @__PURE__ */ y("option", {
				value: "",
				children: "all"
			}), [.../* @__PURE__ */ new Set([...r, ...n ? [n] : []])].map((e) => /* @__PURE__ */ y("option", {
				value: e,
				children: e
			}, e))]
		})]
	});
}
// src/paths.ts
var x = "/plugin/releases";
function S(...e) {
	return [x, ...e.map(encodeURIComponent)].join("/");
}
function C(e) {
	return new URL(`deployplan/api/v1/${e}`, document.baseURI).href;
}
// src/tonight.ts
var se = [
	"review",
	"window",
	"deploy",
	"verify",
	"backout",
	"outcome"
];
function ce(e, t) {
	return e.filter((e) => (!t.environment || e.environment === t.environment) && (!t.product || e.product === t.product) && (!t.person || le(e).includes(t.person)));
}
function le(e) {
	let { question: t, seats: n, owner: r } = e;
	return [.../* @__PURE__ */ new Set([
		...t?.people ?? [],
		...n?.by ?? [],
		...n?.missing ?? [],
		...r ? [r] : []
	])];
}
function w(e, t) {
	return [...new Set(e.flatMap(t).filter((e) => !!e))].sort();
}
function T(e, t, n) {
	let r = new Date(e), i = (e) => e.toLocaleDateString("en-CA", { timeZone: t }), a = Math.abs(r.getTime() - n.getTime()) > 6 * de;
	return r.toLocaleString("en-GB", {
		timeZone: t,
		hour: "2-digit",
		minute: "2-digit",
		timeZoneName: "short",
		...i(r) === i(n) ? {} : a ? {
			day: "numeric",
			month: "short"
		} : { weekday: "short" }
	});
}
function E(e, t, n) {
	let r = T(e, t, n);
	return r.endsWith(` ${t}`) ? r : `${r} (${t})`;
}
var ue = 6e4, de = 1440 * ue;
function D(e, t) {
	let n = Date.parse(e) - t.getTime(), r = Math.max(1, Math.round(Math.abs(n) / ue)), i = Math.floor(r / 1440), a = Math.floor(r % 1440 / 60), o = (i ? [`${i} d`, a ? `${a} h` : ""] : a ? [`${a} h`, `${r % 60} min`] : [`${r} min`]).filter(Boolean).join(" ");
	return n >= 0 ? `in ${o}` : `${o} ago`;
}
function fe(e) {
	return e.ended ? {
		what: "ended",
		at: e.ended
	} : e.question?.until ? {
		what: "answer by",
		at: e.question.until
	} : e.last_safe_start ? {
		what: "last safe start",
		at: e.last_safe_start
	} : e.closes ? {
		what: "closes",
		at: e.closes
	} : e.opens ? {
		what: "opens",
		at: e.opens
	} : null;
}
function pe(e, t) {
	let n = (t) => e.rows.filter((e) => e.lane === t).length, r = e.rows.filter((e) => e.began && !e.ended).length, i = [r === 1 ? "1 release runs" : `${r || "no"} releases run`], a = n("needs you");
	i.push(a === 1 ? "1 waits for you" : `${a || "none"} wait for you`);
	let o = e.rows.filter((e) => e.opens && Date.parse(e.opens) > t.getTime());
	o.sort((e, t) => Date.parse(e.opens ?? "") - Date.parse(t.opens ?? ""));
	let s = o[0];
	return s?.opens && i.push(`next opening ${E(s.opens, s.timezone, t)}`), i.join(" · ");
}
function me(e) {
	return e.run ? S("runs", e.plan, e.run) : O(e);
}
function O(e) {
	let t = `/dags/${encodeURIComponent(e.plan)}`;
	return e.run ? `${t}/runs/${encodeURIComponent(e.run)}` : t;
}
function he(e) {
	let t = `deployplan/m/${encodeURIComponent(e.plan)}/${encodeURIComponent(e.run ?? "")}`;
	return e.question && e.run ? new URL(t, document.baseURI).href : null;
}
function ge(e) {
	return e.question && e.run ? `${O(e)}/tasks/${encodeURIComponent(e.question.task)}/required_actions` : null;
}
// src/Filters.tsx
var _e = [
	"environment",
	"product",
	"person"
];
function ve() {
	let [e, t] = k(), [n, r, i] = _e.map((t) => e.get(t) ?? "");
	return [{
		environment: n,
		product: r,
		person: i
	}, (e, n) => t({ [e]: n })];
}
function k() {
	let [e, t] = ae();
	return [e, (e) => {
		let n = new URLSearchParams(location.search);
		for (let [t, r] of Object.entries(e)) r ? n.set(t, r) : n.delete(t);
		t(n, { replace: !0 });
	}];
}
function ye(e) {
	let { rows: t, filter: n, choose: r } = e, i = {
		environment: w(t, (e) => [e.environment]),
		product: w(t, (e) => [e.product]),
		person: w(t, le)
	};
	return /* @__PURE__ */ y(u, {
		gap: "3",
		wrap: "wrap",
		children: _e.map((e) => /* @__PURE__ */ y(oe, {
			label: e,
			value: n[e],
			offered: i[e],
			choose: (t) => r(e, t)
		}, e))
	});
}
// src/poll.ts
var be = 5e3, xe = 1e3, A = class {
	path;
	isUnread;
	seen = {
		found: null,
		problem: null,
		signedOut: !1
	};
	tag = null;
	timer;
	asking;
	listeners = /* @__PURE__ */ new Map();
	constructor(e, t = () => !1) {
		this.path = e, this.isUnread = t;
	}
	get known() {
		return this.seen;
	}
	follow(e, t) {
		let n = this.listeners.size === 0, r = () => document.hidden ? clearTimeout(this.timer) : void this.refresh();
		return this.listeners.set(e, t), e(this.seen), n ? this.refresh() : this.plan(), document.addEventListener("visibilitychange", r), () => {
			document.removeEventListener("visibilitychange", r), this.listeners.delete(e), this.listeners.size > 0 || (clearTimeout(this.timer), this.asking?.abort());
		};
	}
	async refresh() {
		clearTimeout(this.timer), this.asking?.abort();
		let e = this.asking = new AbortController();
		try {
			let t = await fetch(C(this.path), {
				cache: "no-store",
				credentials: "same-origin",
				headers: this.tag ? { "If-None-Match": this.tag } : {},
				signal: e.signal
			});
			await this.take(t, e.signal);
		} catch (t) {
			if (e.signal.aborted) return;
			this.tell({
				...this.seen,
				problem: `Airflow does not answer: ${t instanceof Error ? t.message : String(t)}`
			});
		}
		e.signal.aborted || this.plan();
	}
	async take(e, t) {
		if (e.status === 200) {
			let n = await e.json();
			if (t.aborted) return;
			this.tag = e.headers.get("ETag"), this.tell({
				found: n,
				problem: null,
				signedOut: !1
			});
		} else if (e.status === 304) this.seen.problem && this.tell({
			...this.seen,
			problem: null,
			signedOut: !1
		});
		else {
			let t = e.status === 401 || e.status === 403;
			this.tell({
				...this.seen,
				signedOut: t,
				problem: await Ce(e)
			});
		}
	}
	tell(e) {
		this.seen = e;
		for (let t of this.listeners.keys()) t(e);
	}
	plan() {
		if (clearTimeout(this.timer), this.listeners.size === 0 || document.hidden) return;
		let e = this.seen.found !== null && this.isUnread(this.seen.found);
		this.timer = setTimeout(() => void this.refresh(), e ? xe : Math.min(...this.listeners.values()));
	}
};
function Se(e, t = be) {
	let [n, i] = a(e.known);
	return r(() => e.follow(i, t), [e, t]), n;
}
function j(e, t = be) {
	let [n, r] = a(() => ({
		path: e,
		poll: new A(e)
	})), i = n;
	return n.path !== e && (i = {
		path: e,
		poll: new A(e)
	}, r(i)), Se(i.poll, t);
}
async function Ce(e) {
	try {
		let { detail: t } = await e.json();
		if (typeof t == "string") return t;
	} catch {}
	return `Airflow answered ${e.status}`;
}
// src/Problem.tsx
function M({ seen: e }) {
	if (e.problem === null) return null;
	let t = encodeURIComponent(location.href);
	return /* @__PURE__ */ b(c, {
		role: "alert",
		borderLeftWidth: "4px",
		borderLeftColor: "red.solid",
		pl: "2",
		my: "2",
		children: [/* @__PURE__ */ b(p, {
			overflowWrap: "anywhere",
			children: [e.problem, e.found !== null && " What is shown below may be out of date."]
		}), e.signedOut && /* @__PURE__ */ y("a", {
			href: new URL(`api/v2/auth/login?next=${t}`, document.baseURI).href,
			style: { textDecoration: "underline" },
			children: "Log in again"
		})]
	});
}
// src/store.ts
var we = new A("tonight", (e) => e.unread > 0);
function Te() {
	return we.refresh();
}
function N(e) {
	return Se(we, e);
}
function P() {
	let [e, t] = a(() => /* @__PURE__ */ new Date());
	return r(() => {
		let e = setInterval(() => t(/* @__PURE__ */ new Date()), 3e4);
		return () => clearInterval(e);
	}, []), e;
}
async function Ee(e, t) {
	try {
		let n = await fetch(C(e), {
			method: "POST",
			credentials: "same-origin",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ reason: t })
		});
		return n.ok ? (await Te(), null) : await Ce(n);
	} catch (e) {
		return `Airflow does not answer: ${e instanceof Error ? e.message : String(e)}`;
	}
}
// src/release/TwoClocks.tsx
function F({ at: e, zone: t, now: n }) {
	let r = T(e, void 0, n);
	return /* @__PURE__ */ b("time", {
		dateTime: e,
		children: [r, T(e, t, n) !== r && /* @__PURE__ */ b("span", {
			style: { color: "var(--chakra-colors-fg-muted)" },
			children: [
				" (",
				E(e, t, n),
				")"
			]
		})]
	});
}
// src/When.tsx
function I({ at: e, zone: t, now: n }) {
	return /* @__PURE__ */ b(v, { children: [
		/* @__PURE__ */ y(F, {
			at: e,
			zone: t,
			now: n
		}),
		", ",
		D(e, n)
	] });
}
// src/nodes/nodes.ts
var De = [
	"environment",
	"product",
	"state",
	"holder",
	"verified",
	"q"
];
function Oe(e, t = {}) {
	let n = new URLSearchParams();
	for (let t of De) {
		let r = e.get(t);
		r && n.set(t, r);
	}
	for (let [e, r] of Object.entries(t)) r && n.set(e, r);
	return n.toString();
}
var ke = {
	done: "✓",
	working: "▶",
	failed: "✗",
	unknown: "?",
	"left out": "–",
	undone: "↩",
	"not started": "○",
	"nothing recorded": "○",
	"not known": "!"
};
function Ae(e) {
	let t = Math.round(e);
	if (t < 60) return `${t} s`;
	let [n, r, i] = [
		Math.floor(t / 3600),
		Math.floor(t % 3600 / 60),
		t % 60
	];
	return n ? r ? `${n} h ${r} min` : `${n} h` : i ? `${r} min ${i} s` : `${r} min`;
}
// src/nodes/parts.tsx
var L = { textDecoration: "underline" }, je = {
	done: "green.solid",
	working: "blue.solid",
	failed: "red.solid",
	unknown: "purple.solid",
	"left out": "orange.solid",
	"not known": "red.solid"
};
function R({ state: e }) {
	return /* @__PURE__ */ b(c, {
		as: "span",
		whiteSpace: "nowrap",
		borderLeftWidth: "4px",
		borderLeftColor: je[e] ?? "border.emphasized",
		pl: "2",
		children: [/* @__PURE__ */ b("span", {
			"aria-hidden": "true",
			children: [ke[e] ?? "•", " "]
		}), e]
	});
}
function z({ run: e }) {
	return /* @__PURE__ */ b(g, {
		to: S("runs", e.plan, e.run),
		style: L,
		children: [
			e.plan,
			" ",
			e.run
		]
	});
}
function B({ row: e, now: t }) {
	return e.installed.length === 0 ? /* @__PURE__ */ y(W, { children: "nothing recorded" }) : e.installed.map((n) => /* @__PURE__ */ b(c, {
		mb: "1",
		overflowWrap: "anywhere",
		"data-testid": "installed",
		children: [
			/* @__PURE__ */ b("strong", { children: [
				n.product,
				" ",
				n.component,
				" ",
				n.version || "none"
			] }),
			" ",
			n.event,
			" ",
			/* @__PURE__ */ y(I, {
				at: n.since,
				zone: e.timezone,
				now: t
			}),
			" ",
			"by ",
			/* @__PURE__ */ y(z, { run: n }),
			", ",
			n.verified ? "verified" : "not verified",
			n.verified_by && n.verified_by !== n.run && ` by run ${n.verified_by}`
		]
	}, `${n.product}/${n.component}`));
}
function V({ row: e, now: t }) {
	return e.holder === null ? /* @__PURE__ */ y(W, { children: "nobody" }) : /* @__PURE__ */ b(c, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ y(z, { run: e.holder }),
			" since ",
			/* @__PURE__ */ y(I, {
				at: e.holder.since,
				zone: e.timezone,
				now: t
			}),
			e.holder.frozen && /* @__PURE__ */ b(p, {
				fontWeight: "medium",
				children: ["frozen: ", e.holder.frozen]
			}),
			e.jobs.map((n) => /* @__PURE__ */ b(p, { children: [
				n.component,
				" ",
				n.step,
				" runs since ",
				/* @__PURE__ */ y(I, {
					at: n.since,
					zone: e.timezone,
					now: t
				}),
				" (",
				n.job,
				")"
			] }, n.job))
		]
	});
}
function H({ row: e }) {
	return /* @__PURE__ */ b(c, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ y(R, { state: e.state }),
			e.last && e.state !== "done" && /* @__PURE__ */ b(p, { children: ["in ", /* @__PURE__ */ y(z, { run: e.last })] }),
			e.why && /* @__PURE__ */ y(p, { children: e.why }),
			e.problems.map((e) => /* @__PURE__ */ b(p, { children: [
				/* @__PURE__ */ y("strong", { children: "Record not believed:" }),
				" ",
				e.plan,
				" ",
				e.run,
				": ",
				e.sentence
			] }, `${e.plan}/${e.run}`)),
			e.hidden > 0 && /* @__PURE__ */ b(W, { children: [e.hidden, " more of plans that you may not read"] }),
			!e.declared && /* @__PURE__ */ y(W, { children: "not in the environment's file" })
		]
	});
}
function U({ row: e, now: t }) {
	return e.next === null ? /* @__PURE__ */ y(W, { children: "nothing within 7 days" }) : /* @__PURE__ */ b(c, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ y(g, {
				to: `/dags/${encodeURIComponent(e.next.plan)}`,
				style: L,
				children: e.next.plan
			}),
			e.next.release && ` (${e.next.release})`,
			" opens ",
			/* @__PURE__ */ y(I, {
				at: e.next.opens,
				zone: e.timezone,
				now: t
			})
		]
	});
}
function W({ children: e }) {
	return /* @__PURE__ */ y(c, {
		as: "span",
		color: "fg.muted",
		children: e
	});
}
function Me({ found: e }) {
	return [
		e.unread > 0 && `Still reading: ${e.unread} runs; until then nodes may have more on them than is shown.`,
		e.older > 0 && `${e.older} earlier runs are not looked at here; deployplan evidence tells of them.`,
		...Object.entries(e.broken).map(([e, t]) => `The file of ${e} cannot be read: ${t}`)
	].filter((e) => !!e).map((e) => /* @__PURE__ */ y(p, {
		fontSize: "sm",
		color: "fg.muted",
		role: "status",
		overflowWrap: "anywhere",
		children: e
	}, e));
}
// src/nodes/NodePage.tsx
function Ne() {
	let { environment: e = "", node: t = "" } = ie(), [n, r] = k(), i = n.get("before") ?? "", a = `nodes/${encodeURIComponent(e)}/${encodeURIComponent(t)}`, o = j(i ? `${a}?before=${encodeURIComponent(i)}` : a), s = P();
	return /* @__PURE__ */ b(v, { children: [
		/* @__PURE__ */ b(d, {
			as: "h1",
			size: "xl",
			mb: "1",
			overflowWrap: "anywhere",
			children: [
				t,
				" ",
				/* @__PURE__ */ b(W, { children: [
					"(",
					e,
					")"
				] })
			]
		}),
		/* @__PURE__ */ y(p, {
			fontSize: "sm",
			children: /* @__PURE__ */ y(g, {
				to: S("nodes"),
				style: L,
				children: "All nodes"
			})
		}),
		/* @__PURE__ */ y(M, { seen: o }),
		o.found === null ? o.problem === null && /* @__PURE__ */ y(p, {
			role: "status",
			children: "Reading the records of the runs…"
		}) : /* @__PURE__ */ y(Pe, {
			found: o.found,
			now: s,
			before: i,
			turn: (e) => r({ before: e })
		})
	] });
}
function Pe(e) {
	let { found: t, now: n, before: r, turn: i } = e, a = t.node;
	return /* @__PURE__ */ b(v, { children: [
		/* @__PURE__ */ y(Me, { found: t }),
		/* @__PURE__ */ y(c, {
			as: "dl",
			display: "grid",
			gridTemplateColumns: "auto minmax(0, 1fr)",
			columnGap: "4",
			rowGap: "1",
			my: "3",
			children: [
				["stands", /* @__PURE__ */ y(H, { row: a }, "stands")],
				["installed", /* @__PURE__ */ y(B, {
					row: a,
					now: n
				}, "installed")],
				["held by", /* @__PURE__ */ y(V, {
					row: a,
					now: n
				}, "held")],
				["next plan", /* @__PURE__ */ y(U, {
					row: a,
					now: n
				}, "next")]
			].map(([e, t]) => /* @__PURE__ */ b(c, {
				display: "contents",
				children: [/* @__PURE__ */ y(c, {
					as: "dt",
					color: "fg.muted",
					children: e
				}), /* @__PURE__ */ y(c, {
					as: "dd",
					m: "0",
					children: t
				})]
			}, e))
		}),
		/* @__PURE__ */ b(d, {
			as: "h2",
			size: "md",
			mt: "4",
			children: [
				"Runs on this node (",
				t.matching,
				")"
			]
		}),
		/* @__PURE__ */ y(u, {
			as: "ol",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: t.runs.map((e) => /* @__PURE__ */ y(c, {
				as: "li",
				borderTopWidth: "1px",
				borderColor: "border",
				py: "2",
				fontSize: "sm",
				children: /* @__PURE__ */ y(Fe, {
					run: e,
					zone: a.timezone,
					now: n
				})
			}, `${e.plan}/${e.run}`))
		}),
		/* @__PURE__ */ b(u, {
			gap: "4",
			my: "3",
			children: [r && /* @__PURE__ */ y("button", {
				type: "button",
				style: L,
				onClick: () => i(""),
				children: "From the latest run"
			}), t.next && /* @__PURE__ */ y("button", {
				type: "button",
				style: L,
				onClick: () => i(t.next ?? ""),
				children: "Earlier runs"
			})]
		})
	] });
}
function Fe({ run: e, zone: t, now: n }) {
	return /* @__PURE__ */ b(c, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ b(p, { children: [
				/* @__PURE__ */ b("strong", { children: [
					e.product,
					" ",
					e.release
				] }),
				" ",
				"by ",
				/* @__PURE__ */ y(z, { run: e }),
				": run ",
				e.outcome ? e.outcome.replaceAll("_", " ") : "under way",
				e.at && /* @__PURE__ */ b(v, { children: [", ", /* @__PURE__ */ y(I, {
					at: e.at,
					zone: t,
					now: n
				})] })
			] }),
			e.problem && /* @__PURE__ */ b(p, { children: [
				/* @__PURE__ */ y("strong", { children: "Record not believed:" }),
				" ",
				e.problem
			] }),
			e.standing && /* @__PURE__ */ b(p, { children: ["this node: ", /* @__PURE__ */ y(R, { state: e.standing })] }),
			e.results.map((e) => /* @__PURE__ */ y(p, {
				pl: "4",
				children: Ie(e)
			}, e.component))
		]
	});
}
function Ie(e) {
	let t = e.seconds === null ? "" : ` after ${Ae(e.seconds)}`, n = e.exit === null ? "" : `, exit ${e.exit}`, r = e.why ? `: ${e.why}` : "", i = e.job ? ` (${e.step} job ${e.job})` : "";
	return `${e.component}: ${e.standing}${t}${n}${r}${i}`;
}
// src/useIsWide.ts
var Le = "(min-width: 64em)";
function Re() {
	let [e, t] = a(() => matchMedia(Le).matches);
	return r(() => {
		let e = matchMedia(Le), n = () => t(e.matches);
		return e.addEventListener("change", n), () => e.removeEventListener("change", n);
	}, []), e;
}
// src/nodes/Nodes.tsx
function ze() {
	let [e, t] = k(), n = j(`nodes?${Oe(e, { after: e.get("after") ?? "" })}`), r = P();
	return /* @__PURE__ */ b(v, { children: [
		/* @__PURE__ */ y(d, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Nodes"
		}),
		/* @__PURE__ */ y(M, { seen: n }),
		/* @__PURE__ */ y(Be, {
			said: e,
			say: (e) => t({
				...e,
				after: ""
			}),
			choices: n.found?.choices
		}),
		n.found === null ? n.problem === null && /* @__PURE__ */ y(p, {
			role: "status",
			children: "Reading the records of the runs…"
		}) : /* @__PURE__ */ y(Ue, {
			found: n.found,
			said: e,
			say: t,
			now: r
		})
	] });
}
function Be({ said: e, say: t, choices: n }) {
	let r = (n, r) => /* @__PURE__ */ y(oe, {
		label: n,
		value: e.get(n) ?? "",
		offered: r,
		choose: (e) => t({ [n]: e })
	}, n);
	return /* @__PURE__ */ b(u, {
		as: "form",
		role: "search",
		gap: "3",
		my: "3",
		wrap: "wrap",
		align: "center",
		onSubmit: (e) => e.preventDefault(),
		children: [
			/* @__PURE__ */ y(He, {
				value: e.get("q") ?? "",
				search: (e) => t({ q: e })
			}),
			r("environment", n?.environment ?? []),
			r("product", n?.product ?? []),
			r("state", n?.state ?? []),
			r("holder", n?.holder ?? []),
			r("verified", ["yes", "no"])
		]
	});
}
var Ve = 300;
function He({ value: e, search: t }) {
	let [n, i] = a(e);
	return r(() => i(e), [e]), r(() => {
		if (n === e) return;
		let r = setTimeout(() => t(n.trim()), Ve);
		return () => clearTimeout(r);
	}, [n]), /* @__PURE__ */ b(c, {
		fontSize: "sm",
		children: [/* @__PURE__ */ y("label", {
			htmlFor: "deployplan-q",
			children: "search "
		}), /* @__PURE__ */ y(f, {
			id: "deployplan-q",
			type: "search",
			size: "sm",
			width: "14rem",
			maxLength: 250,
			value: n,
			placeholder: "node, release, run…",
			onChange: (e) => i(e.target.value)
		})]
	});
}
function Ue({ found: e, said: t, say: n, now: r }) {
	let i = Re(), a = Oe(t);
	return /* @__PURE__ */ b(v, { children: [
		/* @__PURE__ */ b(u, {
			gap: "4",
			wrap: "wrap",
			justify: "space-between",
			align: "baseline",
			children: [/* @__PURE__ */ b(p, {
				role: "status",
				children: [
					e.matching,
					" of ",
					e.total,
					" nodes"
				]
			}), /* @__PURE__ */ b(u, {
				gap: "4",
				fontSize: "sm",
				children: [/* @__PURE__ */ y("a", {
					href: C(`nodes?${a}&format=csv`),
					download: "nodes.csv",
					style: L,
					children: "CSV"
				}), /* @__PURE__ */ y("a", {
					href: C(`nodes?${a}&limit=1000`),
					style: L,
					children: "JSON"
				})]
			})]
		}),
		/* @__PURE__ */ y(Me, { found: e }),
		e.rows.length === 0 ? /* @__PURE__ */ y(p, {
			my: "3",
			children: "No node is like that."
		}) : i ? /* @__PURE__ */ y(Ke, {
			rows: e.rows,
			now: r
		}) : /* @__PURE__ */ y(u, {
			as: "ul",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: e.rows.map((e) => /* @__PURE__ */ y(c, {
				as: "li",
				children: /* @__PURE__ */ y(Je, {
					row: e,
					now: r
				})
			}, `${e.environment}/${e.node}`))
		}),
		/* @__PURE__ */ b(u, {
			gap: "4",
			my: "3",
			children: [t.get("after") && /* @__PURE__ */ y(We, {
				label: "From the first node",
				to: "",
				say: n
			}), e.next && /* @__PURE__ */ y(We, {
				label: "More nodes",
				to: e.next,
				say: n
			})]
		})
	] });
}
function We({ label: e, to: t, say: n }) {
	return /* @__PURE__ */ y("button", {
		type: "button",
		style: L,
		onClick: () => n({ after: t }),
		children: e
	});
}
var Ge = [
	"node",
	"installed",
	"stands",
	"held by",
	"next plan"
];
function Ke({ rows: e, now: t }) {
	return /* @__PURE__ */ b(c, {
		as: "table",
		width: "100%",
		fontSize: "sm",
		mt: "2",
		style: {
			borderCollapse: "collapse",
			tableLayout: "fixed"
		},
		children: [
			/* @__PURE__ */ y("colgroup", { children: [
				"14%",
				"34%",
				"20%",
				"18%",
				"14%"
			].map((e, t) => /* @__PURE__ */ y("col", { style: { width: e } }, t)) }),
			/* @__PURE__ */ y("thead", { children: /* @__PURE__ */ y("tr", { children: Ge.map((e) => /* @__PURE__ */ y(c, {
				as: "th",
				textAlign: "start",
				p: "2",
				color: "fg.muted",
				fontWeight: "medium",
				children: e
			}, e)) }) }),
			/* @__PURE__ */ y("tbody", { children: e.map((e) => /* @__PURE__ */ y(qe, {
				row: e,
				now: t
			}, `${e.environment}/${e.node}`)) })
		]
	});
}
var G = {
	padding: "0.5rem",
	verticalAlign: "top"
}, qe = n(function({ row: e, now: t }) {
	return /* @__PURE__ */ b(c, {
		as: "tr",
		borderTopWidth: "1px",
		borderColor: "border",
		children: [
			/* @__PURE__ */ y("th", {
				scope: "row",
				style: {
					...G,
					textAlign: "start"
				},
				children: /* @__PURE__ */ y(Ye, { row: e })
			}),
			/* @__PURE__ */ y("td", {
				style: G,
				children: /* @__PURE__ */ y(B, {
					row: e,
					now: t
				})
			}),
			/* @__PURE__ */ y("td", {
				style: G,
				children: /* @__PURE__ */ y(H, { row: e })
			}),
			/* @__PURE__ */ y("td", {
				style: G,
				children: /* @__PURE__ */ y(V, {
					row: e,
					now: t
				})
			}),
			/* @__PURE__ */ y("td", {
				style: G,
				children: /* @__PURE__ */ y(U, {
					row: e,
					now: t
				})
			})
		]
	});
}), Je = n(function({ row: e, now: t }) {
	let n = [
		["stands", /* @__PURE__ */ y(H, { row: e }, "stands")],
		["installed", /* @__PURE__ */ y(B, {
			row: e,
			now: t
		}, "installed")],
		["held by", /* @__PURE__ */ y(V, {
			row: e,
			now: t
		}, "held")],
		["next", /* @__PURE__ */ y(U, {
			row: e,
			now: t
		}, "next")]
	];
	return /* @__PURE__ */ b(c, {
		as: "article",
		borderWidth: "1px",
		borderColor: "border",
		borderRadius: "md",
		p: "3",
		fontSize: "sm",
		"aria-label": `${e.node} (${e.environment})`,
		children: [/* @__PURE__ */ y(Ye, { row: e }), /* @__PURE__ */ y(c, {
			as: "dl",
			display: "grid",
			gridTemplateColumns: "auto minmax(0, 1fr)",
			columnGap: "3",
			rowGap: "1",
			mt: "2",
			children: n.map(([e, t]) => /* @__PURE__ */ b(c, {
				display: "contents",
				children: [/* @__PURE__ */ y(c, {
					as: "dt",
					color: "fg.muted",
					children: e
				}), /* @__PURE__ */ y(c, {
					as: "dd",
					m: "0",
					children: t
				})]
			}, e))
		})]
	});
});
function Ye({ row: e }) {
	return /* @__PURE__ */ b(c, {
		overflowWrap: "anywhere",
		children: [/* @__PURE__ */ y(g, {
			to: S("nodes", e.environment, e.node),
			style: {
				...L,
				fontWeight: 600
			},
			children: e.node
		}), /* @__PURE__ */ y(c, {
			color: "fg.muted",
			fontWeight: "normal",
			children: e.environment
		})]
	});
}
// src/release/release.ts
var Xe = {
	done: "✓",
	working: "◐",
	failed: "✕",
	unknown: "?",
	"left out": "⊘",
	undone: "↺",
	"not started": "○"
};
function K(e) {
	let t = Math.max(0, Math.round(e / 1e3));
	if (t < 60) return `${t} s`;
	let n = Math.floor(t / 60);
	return n < 60 ? t % 60 ? `${n} min ${t % 60} s` : `${n} min` : n % 60 ? `${Math.floor(n / 60)} h ${n % 60} min` : `${n / 60} h`;
}
function Ze(e, t) {
	if (!e.began) return null;
	let n = (e.ended ? Date.parse(e.ended) : t.getTime()) - Date.parse(e.began);
	return e.ended ? K(n) : `for ${K(n)}`;
}
function Qe(e) {
	let t = `${e.before ?? "nothing known"} → ${e.after ?? "?"}`;
	return e.now ? `${t}, now ${e.now}` : e.standing === "working" ? `${t}, changing now` : `${t}, now not known`;
}
function $e(e, t, n) {
	let r = n.trim().toLowerCase();
	return e.filter((e) => (!r || e.node.toLowerCase().includes(r)) && (!t || e.cells.some((e) => e.standing === t)));
}
var et = /* @__PURE__ */ new Set(["fail", "unknown"]);
function tt(e) {
	let t = e.points.at(-1);
	return t ? et.has(t.answer) ? t.answer.toUpperCase() : t.answer : "not read";
}
function nt(e, t) {
	let n = e.filter((e) => e.points.some((e) => et.has(e.answer))), r = e.filter((e) => !n.includes(e)), i = [...n, ...r].slice(0, t);
	return {
		shown: i,
		left: e.length - i.length
	};
}
// src/release/Section.tsx
function q({ title: e, children: t }) {
	let n = i();
	return /* @__PURE__ */ b(c, {
		as: "section",
		"aria-labelledby": n,
		mt: "6",
		children: [/* @__PURE__ */ y(d, {
			as: "h2",
			size: "md",
			id: n,
			mb: "2",
			children: e
		}), t]
	});
}
function J({ label: e, head: t, rows: n, children: r }) {
	return /* @__PURE__ */ y(c, {
		role: "region",
		"aria-label": e,
		tabIndex: 0,
		overflowX: "auto",
		css: at,
		children: /* @__PURE__ */ b("table", { children: [/* @__PURE__ */ y("thead", { children: /* @__PURE__ */ y("tr", { children: t.map((e) => /* @__PURE__ */ y("th", {
			scope: "col",
			children: e
		}, e)) }) }), /* @__PURE__ */ y("tbody", { children: r ?? n?.map(({ key: e, cells: [n, ...r] }) => /* @__PURE__ */ b("tr", { children: [/* @__PURE__ */ y("th", {
			scope: "row",
			"data-label": t[0],
			children: n
		}), r.map((e, n) => /* @__PURE__ */ y("td", {
			"data-label": t[n + 1],
			children: e
		}, t[n + 1]))] }, e)) })] })
	});
}
var rt = "var(--chakra-colors-fg-muted)", it = "1px solid var(--chakra-colors-border)", at = {
	"& table": {
		borderCollapse: "collapse",
		width: "100%",
		fontSize: "0.875rem"
	},
	"& th, & td": {
		textAlign: "start",
		verticalAlign: "top",
		padding: "0.35rem 0.75rem 0.35rem 0",
		borderBottom: it,
		overflowWrap: "anywhere"
	},
	"& th": { fontWeight: 500 },
	"& thead th": { color: rt },
	"@media (max-width: 48em)": {
		"& thead": {
			position: "absolute",
			clipPath: "inset(50%)"
		},
		"& tr": {
			display: "block",
			borderBottom: it,
			padding: "0.4rem 0"
		},
		"& tbody th, & td": {
			display: "block",
			border: 0,
			padding: "0.1rem 0"
		},
		"& tbody th::before, & td::before": {
			content: "attr(data-label) \": \"",
			color: rt,
			fontWeight: 400
		}
	}
}, ot = {
	asked: "○",
	approved: "✓",
	rejected: "✕",
	expired: "–"
};
function st({ release: e, now: t }) {
	let { seats: n, approvals: r, digest: i } = e;
	return /* @__PURE__ */ b(q, {
		title: "Approval",
		children: [n && /* @__PURE__ */ b(p, {
			fontSize: "sm",
			children: [
				n.taken,
				" of ",
				n.of,
				" seats have a yes",
				n.missing.length > 0 && `; who may take the others: ${n.missing.join(" or ")}`,
				". Digest",
				" ",
				/* @__PURE__ */ y("code", {
					style: { overflowWrap: "anywhere" },
					children: i
				})
			]
		}), r.length > 0 && /* @__PURE__ */ y(J, {
			label: "Approval seats",
			head: [
				"seat",
				"answer",
				"when",
				"digest"
			],
			rows: r.map((n) => ({
				key: String(n.seat),
				cells: [
					n.seat,
					/* @__PURE__ */ b(v, { children: [
						/* @__PURE__ */ y("span", {
							"aria-hidden": "true",
							children: ot[n.state]
						}),
						" ",
						ct(n)
					] }),
					/* @__PURE__ */ y(F, {
						at: n.at,
						zone: e.timezone,
						now: t
					}),
					/* @__PURE__ */ b(v, { children: [/* @__PURE__ */ y("code", {
						title: n.digest,
						children: n.digest.slice(0, 12)
					}), n.digest !== i && " (another plan)"] })
				]
			}))
		})]
	});
}
function ct(e) {
	let t = e.window ? `, for the window of ${e.window}` : "";
	switch (e.state) {
		case "asked": return `asked of ${e.asked.join(", ")}`;
		case "expired": return `nobody answered in time; asked were ${e.asked.join(", ")}`;
		default: return `${e.person ?? "somebody"} ${e.state}${t}${e.why ? `: ${e.why}` : ""}`;
	}
}
// src/release/Sparkline.tsx
var Y = 14, lt = 22, ut = 5;
function dt(e, t, n) {
	let r = e.map((e) => e.value), i = [t, n].filter((e) => e !== null);
	if (i.length === 0 || r.some((e) => e === void 0)) return {
		at: e.map((e) => ({
			pass: ut,
			fail: 17
		})[e.answer] ?? lt / 2),
		limits: []
	};
	let a = [...r, ...i], o = Math.min(...a), s = Math.max(...a) - o || 1, c = (e) => 17 - (e - o) / s * 12;
	return {
		at: r.map(c),
		limits: i.map(c)
	};
}
var ft = {
	pass: "green",
	fail: "red"
};
function pt({ criterion: e, series: t }) {
	let { points: n } = t, { at: r, limits: i } = dt(n, e.least, e.most), a = Math.max(1, n.length) * Y, o = (e) => e * Y + Y / 2, s = n.map((e) => `${e.phase}: ${e.answer}${e.value === void 0 ? "" : ` (${e.value})`}`);
	return /* @__PURE__ */ b("svg", {
		width: a,
		height: lt,
		role: "img",
		"aria-label": `${e.name}${t.node ? ` on ${t.node}` : ""}: ${s.join(", ")}`,
		style: {
			display: "inline-block",
			verticalAlign: "middle"
		},
		children: [
			i.map((e) => /* @__PURE__ */ y("line", {
				x1: "0",
				x2: a,
				y1: e,
				y2: e,
				stroke: "currentColor",
				strokeDasharray: "3 2",
				opacity: "0.7"
			}, e)),
			/* @__PURE__ */ y("polyline", {
				points: r.map((e, t) => `${o(t)},${e}`).join(" "),
				fill: "none",
				stroke: "currentColor",
				opacity: "0.4"
			}),
			n.map((e, t) => /* @__PURE__ */ y(mt, {
				answer: e.answer,
				x: o(t),
				y: r[t] ?? 0
			}, `${e.at}${t}`))
		]
	});
}
function mt({ answer: e, x: t, y: n }) {
	let r = `var(--chakra-colors-${ft[e] ?? "purple"}-solid)`;
	return e === "fail" ? /* @__PURE__ */ y("path", {
		d: `M${t - 4} ${n - 4}L${t + 4} ${n + 4}M${t + 4} ${n - 4}L${t - 4} ${n + 4}`,
		stroke: r,
		strokeWidth: "2.5"
	}) : /* @__PURE__ */ y("circle", {
		cx: t,
		cy: n,
		r: "3.5",
		fill: e === "pass" ? r : "none",
		stroke: r,
		strokeWidth: "2"
	});
}
// src/release/Criteria.tsx
var ht = 6;
function gt({ criteria: e, now: t }) {
	return e.length === 0 ? null : /* @__PURE__ */ y(q, {
		title: "Criteria",
		children: /* @__PURE__ */ y(J, {
			label: "Criteria",
			head: [
				"criterion",
				"must show",
				"readings"
			],
			rows: e.map((e) => ({
				key: e.name,
				cells: [
					/* @__PURE__ */ b(v, { children: [
						e.name,
						e.neighbour && " (neighbour)",
						/* @__PURE__ */ y(p, {
							fontSize: "xs",
							color: "fg.muted",
							fontWeight: "normal",
							overflowWrap: "anywhere",
							children: e.question
						})
					] }),
					`${e.wanted}${e.seconds ? ` for ${e.seconds} s` : ""}`,
					/* @__PURE__ */ y(_t, {
						criterion: e,
						now: t
					})
				]
			}))
		})
	});
}
function _t({ criterion: e, now: t }) {
	let { shown: n, left: r } = nt(e.series, ht);
	return n.length === 0 ? /* @__PURE__ */ y(v, { children: "not read yet" }) : /* @__PURE__ */ b(v, { children: [n.map((n) => /* @__PURE__ */ y(vt, {
		series: n,
		criterion: e,
		now: t
	}, n.node ?? "")), r > 0 && /* @__PURE__ */ b(p, {
		fontSize: "xs",
		color: "fg.muted",
		children: [r, " more nodes, every reading passed"]
	})] });
}
function vt({ series: e, criterion: t, now: n }) {
	let r = e.points.at(-1);
	return /* @__PURE__ */ b(c, { children: [
		/* @__PURE__ */ y(pt, {
			criterion: t,
			series: e
		}),
		" ",
		/* @__PURE__ */ y("strong", { children: tt(e) }),
		e.node && ` on ${e.node}`,
		r && /* @__PURE__ */ y(c, {
			as: "span",
			color: "fg.muted",
			children: `: ${r.why ?? r.observed ?? ""} (${T(r.at, void 0, n)}, ${r.phase})`
		})
	] });
}
// src/release/Matrix.tsx
var yt = {
	done: "green.fg",
	working: "blue.fg",
	failed: "red.fg",
	unknown: "purple.fg",
	"left out": "orange.fg",
	undone: "fg.muted",
	"not started": "fg.muted"
};
function bt({ release: e, now: t }) {
	let [n, r] = a(""), [i, o] = a(""), s = Ct(), d = $e(e.matrix, n, i), m = e.components.length > 1;
	return /* @__PURE__ */ b(q, {
		title: `Nodes (${e.matrix.length})`,
		children: [
			/* @__PURE__ */ b(u, {
				gap: "2",
				wrap: "wrap",
				mb: "2",
				align: "center",
				children: [
					Object.entries(e.nodes).map(([e, t]) => /* @__PURE__ */ b(l, {
						size: "xs",
						variant: n === e ? "solid" : "outline",
						"aria-pressed": n === e,
						onClick: () => r(n === e ? "" : e),
						children: [
							/* @__PURE__ */ y("span", {
								"aria-hidden": "true",
								children: Xe[e]
							}),
							" ",
							t,
							" ",
							e
						]
					}, e)),
					/* @__PURE__ */ y("label", {
						htmlFor: "deployplan-node",
						children: "node"
					}),
					/* @__PURE__ */ y(f, {
						id: "deployplan-node",
						size: "xs",
						width: "12rem",
						value: i,
						onChange: (e) => o(e.target.value)
					})
				]
			}),
			s ? /* @__PURE__ */ y(u, {
				as: "ul",
				direction: "column",
				gap: "2",
				p: "0",
				listStyleType: "none",
				children: d.map((e) => /* @__PURE__ */ b(c, {
					as: "li",
					borderWidth: "1px",
					borderRadius: "md",
					p: "2",
					fontSize: "sm",
					children: [/* @__PURE__ */ y(p, {
						fontWeight: "semibold",
						overflowWrap: "anywhere",
						children: e.node
					}), e.cells.map((e) => /* @__PURE__ */ b(c, {
						mt: "1",
						overflowWrap: "anywhere",
						children: [m && `${e.component}: `, /* @__PURE__ */ y(X, {
							cell: e,
							now: t
						})]
					}, e.component))]
				}, e.node))
			}) : /* @__PURE__ */ y(J, {
				label: "Nodes and components",
				head: ["node", ...e.components],
				children: d.map((n) => /* @__PURE__ */ y(xt, {
					row: n,
					components: e.components,
					now: t
				}, n.node))
			}),
			d.length < e.matrix.length && /* @__PURE__ */ b(p, {
				fontSize: "sm",
				color: "fg.muted",
				mt: "1",
				role: "status",
				children: [
					d.length,
					" of ",
					e.matrix.length,
					" shown"
				]
			})
		]
	});
}
var xt = n(function({ row: e, components: t, now: n }) {
	return /* @__PURE__ */ b("tr", { children: [/* @__PURE__ */ y("th", {
		scope: "row",
		children: e.node
	}), t.map((t) => {
		let r = e.cells.find((e) => e.component === t);
		return /* @__PURE__ */ y("td", { children: r ? /* @__PURE__ */ y(X, {
			cell: r,
			now: n
		}) : "–" }, t);
	})] });
}, (e, t) => JSON.stringify(e.row) === JSON.stringify(t.row) && e.components.length === t.components.length && (e.now === t.now || !t.row.cells.some((e) => e.began && !e.ended)));
function X({ cell: e, now: t }) {
	let n = Ze(e, t);
	return /* @__PURE__ */ b(v, { children: [
		/* @__PURE__ */ b("span", {
			style: {
				color: `var(--chakra-colors-${yt[e.standing].replace(".", "-")})`,
				fontWeight: 600,
				whiteSpace: "nowrap"
			},
			children: [
				/* @__PURE__ */ y("span", {
					"aria-hidden": "true",
					children: Xe[e.standing]
				}),
				" ",
				e.standing
			]
		}),
		" ",
		Qe(e),
		/* @__PURE__ */ b("span", {
			style: { color: "var(--chakra-colors-fg-muted)" },
			children: [
				" · ",
				"wave ",
				e.wave,
				n && ` · ${e.step ?? "script"} ${n}`,
				e.words && ` · ${e.words}`
			]
		})
	] });
}
var St = "(max-width: 48em)";
function Ct() {
	let [e, t] = a(() => matchMedia(St).matches);
	return r(() => {
		let e = matchMedia(St), n = () => t(e.matches);
		return e.addEventListener("change", n), () => e.removeEventListener("change", n);
	}, []), e;
}
// src/release/Messages.tsx
var wt = {
	sent: "✓ sent",
	"not sent": "✕ NOT sent",
	"perhaps sent": "? perhaps sent"
};
function Tt({ messages: e, zone: t, now: n }) {
	return /* @__PURE__ */ y(q, {
		title: `Messages (${e.length})`,
		children: e.length === 0 ? /* @__PURE__ */ y(p, {
			fontSize: "sm",
			color: "fg.muted",
			children: "none yet"
		}) : /* @__PURE__ */ y(J, {
			label: "Messages",
			head: [
				"whom",
				"of what",
				"by",
				"when",
				"receipt"
			],
			rows: e.map((e, r) => ({
				key: `${e.at}${r}`,
				cells: [
					e.to,
					e.moment.replaceAll("_", " "),
					e.via,
					/* @__PURE__ */ y(F, {
						at: e.at,
						zone: t,
						now: n
					}),
					`${wt[e.state] ?? e.state}${e.receipt ? `: ${e.receipt}` : ""}`
				]
			}))
		})
	});
}
// src/release/Rail.tsx
var Et = {
	over: "✓",
	now: "▶",
	ahead: "○",
	"not needed": "–",
	"not reached": "–"
};
function Dt({ phases: e, zone: t, now: n }) {
	return /* @__PURE__ */ y(u, {
		as: "ol",
		"aria-label": "Phases",
		wrap: "wrap",
		gap: "2",
		my: "4",
		p: "0",
		listStyleType: "none",
		children: e.map((e) => /* @__PURE__ */ b(c, {
			as: "li",
			"aria-current": e.state === "now" ? "step" : void 0,
			flex: {
				base: "1 1 100%",
				md: "1 1 10rem"
			},
			borderTopWidth: "4px",
			borderColor: e.state === "now" ? "blue.solid" : e.state === "over" ? "green.solid" : "border.emphasized",
			pt: "1",
			fontSize: "sm",
			children: [/* @__PURE__ */ b(p, {
				fontWeight: e.state === "now" ? "bold" : "medium",
				children: [
					/* @__PURE__ */ b("span", {
						"aria-hidden": "true",
						children: [Et[e.state], " "]
					}),
					e.number,
					" ",
					e.name,
					" ",
					/* @__PURE__ */ y(c, {
						as: "span",
						fontWeight: "normal",
						color: "fg.muted",
						children: e.state
					})
				]
			}), /* @__PURE__ */ y(Ot, {
				phase: e,
				zone: t,
				now: n
			})]
		}, e.number))
	});
}
function Ot({ phase: e, zone: t, now: n }) {
	let { began: r, ended: i, planned_begin: a, planned_end: o } = e, s = (e) => /* @__PURE__ */ y(F, {
		at: e,
		zone: t,
		now: n
	});
	return /* @__PURE__ */ b(v, { children: [r && /* @__PURE__ */ b(p, { children: [s(r), i && ` for ${K(Date.parse(i) - Date.parse(r))}`] }), !e.state.startsWith("not ") && (a || o) && /* @__PURE__ */ b(p, {
		color: "fg.muted",
		children: [
			"planned",
			a && /* @__PURE__ */ b(v, { children: [" from ", s(a)] }),
			o && /* @__PURE__ */ b(v, { children: [" until ", s(o)] })
		]
	})] });
}
// src/release/ReleasePage.tsx
var kt = 1500;
function At() {
	let { plan: e = "", run: t = "" } = ie();
	return /* @__PURE__ */ b(v, { children: [/* @__PURE__ */ y(p, {
		mb: "2",
		fontSize: "sm",
		children: /* @__PURE__ */ y(g, {
			to: x,
			style: { textDecoration: "underline" },
			children: "All releases"
		})
	}), /* @__PURE__ */ y(Mt, {
		plan: e,
		run: t
	})] });
}
function jt({ dagId: e = "", runId: t = "" }) {
	return /* @__PURE__ */ b(c, {
		as: "section",
		"aria-label": "Release",
		p: "3",
		width: "100%",
		overflowY: "auto",
		children: [/* @__PURE__ */ y(p, {
			mb: "2",
			fontSize: "sm",
			children: /* @__PURE__ */ y(g, {
				to: S("runs", e, t),
				style: { textDecoration: "underline" },
				children: "On a page of its own"
			})
		}), /* @__PURE__ */ y(Mt, {
			plan: e,
			run: t
		})]
	});
}
function Mt({ plan: e, run: t }) {
	let n = j(`releases/${encodeURIComponent(e)}/${encodeURIComponent(t)}`, kt), r = P();
	return /* @__PURE__ */ b(v, { children: [
		/* @__PURE__ */ y(d, {
			as: "h1",
			size: "xl",
			overflowWrap: "anywhere",
			children: e
		}),
		/* @__PURE__ */ y(M, { seen: n }),
		n.found === null ? n.problem === null && /* @__PURE__ */ y(p, {
			role: "status",
			children: "Reading its record…"
		}) : /* @__PURE__ */ y(Nt, {
			release: n.found,
			now: r
		})
	] });
}
function Nt({ release: e, now: t }) {
	return /* @__PURE__ */ b(v, { children: [/* @__PURE__ */ y(Pt, {
		release: e,
		now: t
	}), !e.damaged && /* @__PURE__ */ b(v, { children: [
		/* @__PURE__ */ y(Dt, {
			phases: e.phases,
			zone: e.timezone,
			now: t
		}),
		/* @__PURE__ */ y(bt, {
			release: e,
			now: t
		}),
		/* @__PURE__ */ y(gt, {
			criteria: e.criteria,
			now: t
		}),
		/* @__PURE__ */ y(st, {
			release: e,
			now: t
		}),
		/* @__PURE__ */ y(Ft, {
			release: e,
			now: t
		}),
		/* @__PURE__ */ y(Tt, {
			messages: e.messages,
			zone: e.timezone,
			now: t
		})
	] })] });
}
function Pt({ release: e, now: t }) {
	let n = e, r = fe(n), i = he(n), a = e.release && (e.previous ? `${e.previous} → ${e.release}` : e.release);
	return /* @__PURE__ */ b(v, { children: [
		/* @__PURE__ */ b(p, {
			color: "fg.muted",
			overflowWrap: "anywhere",
			children: [
				[
					e.product && `${e.product} ${a ?? ""}`,
					e.environment,
					e.owner && `by ${e.owner}`,
					e.change,
					e.triggered_by && `triggered by ${e.triggered_by}`
				].filter(Boolean).join(" · "),
				" · run",
				" ",
				/* @__PURE__ */ y(g, {
					to: O(n),
					style: { textDecoration: "underline" },
					children: e.run
				})
			]
		}),
		e.summary && /* @__PURE__ */ y(p, {
			overflowWrap: "anywhere",
			children: e.summary
		}),
		/* @__PURE__ */ b(p, {
			my: "2",
			fontSize: "lg",
			overflowWrap: "anywhere",
			"data-testid": "sentence",
			"aria-live": "polite",
			children: [
				e.damaged && /* @__PURE__ */ y("strong", { children: "Damaged record: " }),
				e.outcome && !e.damaged && /* @__PURE__ */ b("strong", { children: [e.outcome.replaceAll("_", " "), ": "] }),
				e.sentence
			]
		}),
		/* @__PURE__ */ b(u, {
			gap: "6",
			wrap: "wrap",
			fontSize: "sm",
			children: [
				r && /* @__PURE__ */ b(Z, {
					what: r.what,
					children: [
						/* @__PURE__ */ y(F, {
							at: r.at,
							zone: e.timezone,
							now: t
						}),
						", ",
						D(r.at, t)
					]
				}),
				e.budget && /* @__PURE__ */ b(Z, {
					what: `budget of ${e.budget.component}`,
					children: [
						Math.max(0, e.budget.allowed - e.budget.failed),
						" of ",
						e.budget.allowed,
						" left"
					]
				}),
				e.wave && !e.ended && /* @__PURE__ */ b(Z, {
					what: "wave",
					children: [
						e.wave.number,
						" of ",
						e.wave.of,
						", ",
						e.wave.title
					]
				})
			]
		}),
		i && /* @__PURE__ */ b(p, {
			mt: "2",
			children: [
				/* @__PURE__ */ y("a", {
					href: i,
					style: {
						textDecoration: "underline",
						fontWeight: 600
					},
					children: e.may.answer ? "Answer" : "See the question"
				}),
				" ",
				/* @__PURE__ */ b(c, {
					as: "span",
					color: "fg.muted",
					children: [
						"asked: ",
						e.question?.people.join(", "),
						e.question?.until && `, silence is taken for an answer at ${T(e.question.until, void 0, t)}`
					]
				})
			]
		})
	] });
}
function Z({ what: e, children: t }) {
	return /* @__PURE__ */ b(c, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ b(c, {
				as: "span",
				color: "fg.muted",
				children: [e, ":"]
			}),
			" ",
			t
		]
	});
}
function Ft({ release: e, now: t }) {
	let n = e.backout;
	return /* @__PURE__ */ y(q, {
		title: "What a backout would do",
		children: n ? /* @__PURE__ */ b(p, {
			overflowWrap: "anywhere",
			"data-testid": "backout",
			children: [
				"It ",
				n.sentence,
				". ",
				n.authority.join(" or "),
				" may order it",
				n.until && /* @__PURE__ */ b(v, { children: [", and people may ask for it until ", /* @__PURE__ */ y(F, {
					at: n.until,
					zone: e.timezone,
					now: t
				})] }),
				"."
			]
		}) : /* @__PURE__ */ y(p, { children: "Nothing: no component of this run has begun, or what had is undone." })
	});
}
// src/HoldForm.tsx
function It({ found: e }) {
	let [t, n] = a(!1), [r, i] = a(""), [o, s] = a(null), [d, m] = a(!1), h = e.hold ? "resume" : "hold";
	if (!e.may.hold) return null;
	let g = async () => {
		m(!0);
		let e = await Ee(h, r);
		m(!1), s(e), e === null && (i(""), n(!1));
	};
	return t ? /* @__PURE__ */ b(c, {
		as: "form",
		borderWidth: "1px",
		borderRadius: "md",
		p: "3",
		width: "100%",
		onSubmit: (e) => {
			e.preventDefault(), g();
		},
		children: [
			/* @__PURE__ */ y(p, {
				fontSize: "sm",
				mb: "2",
				children: h === "hold" ? "No plan will start a new wave and no window will open, until somebody resumes. What runs goes on; no backout is held." : "All plans go on from where they are."
			}),
			/* @__PURE__ */ b(u, {
				gap: "2",
				wrap: "wrap",
				align: "center",
				children: [
					/* @__PURE__ */ y("label", {
						htmlFor: "deployplan-why",
						children: "Why?"
					}),
					/* @__PURE__ */ y(f, {
						id: "deployplan-why",
						value: r,
						maxLength: 1e3,
						required: !0,
						autoFocus: !0,
						flex: "1 1 12rem",
						onChange: (e) => i(e.target.value)
					}),
					/* @__PURE__ */ y(l, {
						type: "submit",
						size: "sm",
						disabled: d || !r.trim(),
						children: h === "hold" ? "Hold all" : "Resume all"
					}),
					/* @__PURE__ */ y(l, {
						type: "button",
						size: "sm",
						variant: "ghost",
						onClick: () => n(!1),
						children: "Cancel"
					})
				]
			}),
			o && /* @__PURE__ */ y(p, {
				role: "alert",
				mt: "2",
				fontSize: "sm",
				children: o
			})
		]
	}) : /* @__PURE__ */ y(l, {
		variant: "outline",
		size: "sm",
		onClick: () => n(!0),
		children: h === "hold" ? "Hold all…" : "Resume all…"
	});
}
// src/NodeBar.tsx
var Lt = {
	done: "green.solid",
	working: "blue.solid",
	failed: "red.solid",
	unknown: "purple.solid",
	"left out": "orange.solid",
	undone: "gray.solid",
	"not started": "border.emphasized"
}, Rt = Object.keys(Lt);
function zt({ row: e }) {
	let t = Rt.flatMap((t) => {
		let n = e.nodes[t];
		return n ? [{
			standing: t,
			count: n
		}] : [];
	});
	if (t.length === 0) return null;
	let n = t.map(({ standing: e, count: t }) => `${t} ${e}`).join(" · ");
	return /* @__PURE__ */ b(c, { children: [/* @__PURE__ */ y(u, {
		height: "2",
		borderRadius: "full",
		overflow: "hidden",
		gap: "1px",
		"aria-hidden": "true",
		children: t.map(({ standing: e, count: t }) => /* @__PURE__ */ y(c, {
			flexGrow: t,
			flexBasis: "0",
			minWidth: "4px",
			bg: Lt[e]
		}, e))
	}), /* @__PURE__ */ b(p, {
		fontSize: "sm",
		mt: "1",
		children: [
			/* @__PURE__ */ y(c, {
				as: "span",
				fontWeight: "medium",
				children: "Nodes:"
			}),
			" ",
			n,
			e.troubled.length > 0 && ` (${e.troubled.join(", ")})`
		]
	})] });
}
// src/PhaseRail.tsx
function Bt({ row: e }) {
	let t = e.phase?.number ?? 0, n = e.phase ? `${t} of ${se.length}: ${e.phase.name}` : e.damaged ? "not known" : "planned", r = t === 5 || (e.nodes.undone ?? 0) > 0, i = (e) => e <= t && (e !== 5 || r);
	return /* @__PURE__ */ b(u, {
		align: "center",
		gap: "2",
		fontSize: "sm",
		children: [/* @__PURE__ */ y(u, {
			gap: "1",
			"aria-hidden": "true",
			children: se.map((e, n) => /* @__PURE__ */ y(c, {
				width: n + 1 === t ? "5" : "2.5",
				height: "2.5",
				borderRadius: "full",
				borderWidth: "1px",
				borderColor: i(n + 1) ? "blue.solid" : "border.emphasized",
				bg: i(n + 1) ? "blue.solid" : "transparent"
			}, e))
		}), /* @__PURE__ */ b("span", { children: ["Phase ", n] })]
	});
}
// src/RowCard.tsx
var Vt = {
	"needs you": "orange.solid",
	running: "blue.solid",
	waiting: "gray.solid",
	"next 7 days": "border.emphasized"
}, Ht = /* @__PURE__ */ new Set([
	"backout_failed",
	"unknown",
	"missed",
	"window_missed"
]), Ut = /* @__PURE__ */ new Set([
	"success",
	"success_with_issues",
	"nothing_to_do"
]);
function Wt(e) {
	return e.damaged || Ht.has(e.outcome ?? "") ? "red.solid" : Ut.has(e.outcome ?? "") ? "green.solid" : Vt[e.lane] ?? "gray.solid";
}
var Gt = n(function({ row: e, now: t }) {
	let n = ge(e);
	return /* @__PURE__ */ y(c, {
		as: "article",
		borderWidth: "1px",
		borderColor: "border",
		borderLeftWidth: "4px",
		borderLeftColor: Wt(e),
		borderRadius: "md",
		p: "3",
		"aria-label": `${e.plan}${e.run ? `, run ${e.run}` : ""}`,
		children: /* @__PURE__ */ b(u, {
			direction: {
				base: "column",
				lg: "row"
			},
			gap: {
				base: "2",
				lg: "6"
			},
			children: [
				/* @__PURE__ */ b(c, {
					flex: "2 1 0",
					minWidth: "0",
					children: [
						/* @__PURE__ */ y(d, {
							as: "h3",
							size: "sm",
							overflowWrap: "anywhere",
							children: /* @__PURE__ */ y(g, {
								to: me(e),
								style: { textDecoration: "underline" },
								children: e.plan
							})
						}),
						/* @__PURE__ */ y(p, {
							fontSize: "sm",
							color: "fg.muted",
							overflowWrap: "anywhere",
							children: [
								e.product && e.release ? `${e.product} ${e.release}` : e.product,
								e.environment,
								e.owner && `by ${e.owner}`
							].filter(Boolean).join(" · ")
						}),
						/* @__PURE__ */ b(p, {
							mt: "1",
							overflowWrap: "anywhere",
							"data-testid": "sentence",
							children: [
								e.damaged && /* @__PURE__ */ y("strong", { children: "Damaged record: " }),
								e.outcome && !e.damaged && /* @__PURE__ */ b("strong", { children: [e.outcome.replaceAll("_", " "), ": "] }),
								e.sentence
							]
						}),
						n && /* @__PURE__ */ b(p, {
							mt: "2",
							children: [
								/* @__PURE__ */ y("a", {
									href: he(e) ?? void 0,
									style: {
										textDecoration: "underline",
										fontWeight: 600
									},
									children: e.may.answer ? "Answer" : "See the question"
								}),
								" ",
								"(",
								/* @__PURE__ */ y(g, {
									to: n,
									style: { textDecoration: "underline" },
									children: "in Airflow"
								}),
								")",
								" ",
								/* @__PURE__ */ b(c, {
									as: "span",
									fontSize: "sm",
									color: "fg.muted",
									children: ["asked: ", e.question?.people.join(", ")]
								})
							]
						})
					]
				}),
				/* @__PURE__ */ b(c, {
					flex: "1 1 0",
					minWidth: "0",
					children: [/* @__PURE__ */ y(Bt, { row: e }), /* @__PURE__ */ y(c, {
						mt: "2",
						children: /* @__PURE__ */ y(zt, { row: e })
					})]
				}),
				/* @__PURE__ */ y(c, {
					flex: "1 1 0",
					minWidth: "0",
					fontSize: "sm",
					children: /* @__PURE__ */ y(Kt, {
						row: e,
						now: t
					})
				})
			]
		})
	});
});
function Kt({ row: e, now: t }) {
	let n = fe(e), { seats: r, budget: i, wave: a } = e;
	return /* @__PURE__ */ b(c, {
		as: "dl",
		display: "grid",
		gridTemplateColumns: "auto 1fr",
		columnGap: "3",
		rowGap: "1",
		m: "0",
		children: [
			n && /* @__PURE__ */ b(Q, {
				what: n.what,
				children: [
					T(n.at, void 0, t),
					", ",
					D(n.at, t),
					T(n.at, e.timezone, t) !== T(n.at, void 0, t) && /* @__PURE__ */ y(c, {
						as: "span",
						color: "fg.muted",
						children: `; ${E(n.at, e.timezone, t)}`
					})
				]
			}),
			a && e.phase && !e.ended && /* @__PURE__ */ b(Q, {
				what: "wave",
				children: [
					a.number,
					" of ",
					a.of,
					", ",
					a.title
				]
			}),
			r && !e.ended && /* @__PURE__ */ b(Q, {
				what: "approval",
				children: [
					r.taken,
					" of ",
					r.of,
					r.by.length > 0 && ` (${r.by.join(", ")})`,
					r.missing.length > 0 && `, missing: ${r.missing.join(" or ")}`
				]
			}),
			i && e.began && /* @__PURE__ */ b(Q, {
				what: "budget",
				children: [
					Math.max(0, i.allowed - i.failed),
					" of ",
					i.allowed,
					" left (",
					i.component,
					")"
				]
			})
		]
	});
}
function Q({ what: e, children: t }) {
	return /* @__PURE__ */ b(v, { children: [/* @__PURE__ */ y(c, {
		as: "dt",
		color: "fg.muted",
		children: e
	}), /* @__PURE__ */ y(c, {
		as: "dd",
		m: "0",
		overflowWrap: "anywhere",
		children: t
	})] });
}
// src/Releases.tsx
var qt = {
	"needs you": "Needs you",
	running: "Running",
	waiting: "Waiting",
	"next 7 days": "Next 7 days",
	"ended in 24 h": "Ended in 24 hours"
};
function Jt() {
	let e = N(), t = P();
	return /* @__PURE__ */ b(v, { children: [
		/* @__PURE__ */ y(d, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Releases"
		}),
		/* @__PURE__ */ y(M, { seen: e }),
		e.found === null ? e.problem === null && /* @__PURE__ */ y(p, {
			role: "status",
			children: "Reading plans and records…"
		}) : /* @__PURE__ */ y(Yt, {
			found: e.found,
			now: t
		})
	] });
}
function Yt({ found: e, now: t }) {
	let [n, r] = ve(), i = ce(e.rows, n);
	return /* @__PURE__ */ b(v, { children: [
		/* @__PURE__ */ y(p, { children: pe(e, t) }),
		e.hold && /* @__PURE__ */ b(p, {
			role: "status",
			fontWeight: "semibold",
			borderLeftWidth: "4px",
			borderLeftColor: "orange.solid",
			pl: "2",
			my: "2",
			children: ["Everything is ", e.hold.sentence]
		}),
		/* @__PURE__ */ y(Xt, { found: e }),
		/* @__PURE__ */ b(u, {
			gap: "4",
			my: "3",
			wrap: "wrap",
			align: "center",
			justify: "space-between",
			children: [/* @__PURE__ */ y(ye, {
				rows: e.rows,
				filter: n,
				choose: r
			}), /* @__PURE__ */ y(It, { found: e })]
		}),
		e.lanes.map((e) => /* @__PURE__ */ y(Zt, {
			lane: e,
			rows: i.filter((t) => t.lane === e),
			now: t
		}, e))
	] });
}
function Xt({ found: e }) {
	return [e.unread > 0 && `Still reading: ${e.unread} runs or plan files.`, e.rejected > 0 && `Not shown: ${e.rejected} plan files with problems; see Airflow's import errors, or deployplan lint.`].filter((e) => !!e).map((e) => /* @__PURE__ */ y(p, {
		fontSize: "sm",
		color: "fg.muted",
		role: "status",
		children: e
	}, e));
}
function Zt({ lane: e, rows: t, now: n }) {
	let r = `lane-${e.replaceAll(" ", "-")}`;
	return /* @__PURE__ */ b(c, {
		as: "section",
		"aria-labelledby": r,
		mt: "4",
		children: [/* @__PURE__ */ b(d, {
			as: "h2",
			size: "md",
			id: r,
			children: [
				qt[e],
				" (",
				t.length,
				")"
			]
		}), t.length === 0 ? /* @__PURE__ */ y(p, {
			fontSize: "sm",
			color: "fg.muted",
			children: "nothing"
		}) : /* @__PURE__ */ y(u, {
			as: "ul",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: t.map((e) => /* @__PURE__ */ y(c, {
				as: "li",
				children: /* @__PURE__ */ y(Gt, {
					row: e,
					now: n
				})
			}, `${e.plan}/${e.run}`))
		})]
	});
}
// src/pages.tsx
var Qt = [
	{
		path: "",
		label: "Releases",
		Component: Jt
	},
	{
		path: "runs/:plan/:run",
		Component: At
	},
	{
		path: "nodes",
		label: "Nodes",
		Component: ze
	},
	{
		path: "nodes/:environment/:node",
		Component: Ne
	}
];
function $t() {
	return /* @__PURE__ */ b(c, {
		as: "main",
		p: {
			base: "3",
			md: "6"
		},
		maxWidth: "1600px",
		width: "100%",
		overflowY: "auto",
		children: [/* @__PURE__ */ y(en, {}), /* @__PURE__ */ b(ne, { children: [Qt.map(({ path: e, Component: t }) => /* @__PURE__ */ y(te, {
			path: e,
			element: /* @__PURE__ */ y(tn, { Component: t })
		}, e)), /* @__PURE__ */ y(te, {
			path: "*",
			element: /* @__PURE__ */ y(nn, {})
		})] })]
	});
}
function en() {
	let e = Qt.filter((e) => e.label);
	return e.length < 2 ? null : /* @__PURE__ */ y(c, {
		as: "nav",
		"aria-label": "Pages of deployplan",
		display: "flex",
		flexWrap: "wrap",
		gap: "4",
		mb: "3",
		borderBottomWidth: "1px",
		borderColor: "border",
		children: e.map(({ path: e, label: t }) => /* @__PURE__ */ y(ee, {
			to: e ? `${x}/${e}` : x,
			end: e === "",
			style: ({ isActive: e }) => ({
				padding: "0.4rem 0",
				fontWeight: e ? 600 : 400,
				borderBottom: `3px solid ${e ? "currentColor" : "transparent"}`
			}),
			children: t
		}, e))
	});
}
function tn({ Component: e }) {
	let { pathname: t } = re();
	return /* @__PURE__ */ y(o, {
		instead: "This page broke; the others stand. `deployplan status` and `deployplan nodes` tell the same.",
		children: /* @__PURE__ */ y(e, {})
	}, t);
}
function nn() {
	let { pathname: e } = re();
	return /* @__PURE__ */ b("p", {
		role: "status",
		children: [
			"There is no page ",
			e,
			"."
		]
	});
}
// src/Strip.tsx
function rn() {
	let { found: e } = N(1e4), t = P();
	return e === null ? null : /* @__PURE__ */ b(c, {
		borderWidth: "1px",
		borderRadius: "md",
		px: "3",
		py: "2",
		mb: "3",
		children: [
			/* @__PURE__ */ y(g, {
				to: "/plugin/releases",
				style: { textDecoration: "underline" },
				children: "Releases"
			}),
			": ",
			pe(e, t)
		]
	});
}
function an() {
	let { found: e } = N(15e3);
	if (e === null) return null;
	let t = e.rows.filter((e) => e.outcome === "backout_failed");
	return e.hold === null && t.length === 0 ? null : /* @__PURE__ */ b(c, {
		role: "status",
		borderLeftWidth: "4px",
		borderLeftColor: "red.solid",
		bg: "bg.muted",
		px: "3",
		py: "1",
		fontSize: "sm",
		children: [e.hold && /* @__PURE__ */ b("div", { children: ["Everything is ", e.hold.sentence] }), t.map((e) => /* @__PURE__ */ b("div", { children: [
			"Backout failed: ",
			e.plan,
			": ",
			e.sentence
		] }, `${e.plan}/${e.run}`))]
	});
}
// src/main.tsx
var $ = "The page of releases broke; `deployplan status` tells the same.", on = globalThis, sn = {
	Releases: [$t, $],
	Release: [jt, $],
	"Deployplan strip": [rn, null],
	"Deployplan banner": [an, null]
}, cn = [
	"React",
	"ReactDOM",
	"ReactJSXRuntime",
	"ReactRouterDOM",
	"ChakraUI"
].filter((e) => on[e] === void 0);
for (let [e, [t, n]] of Object.entries(sn)) on[e] = cn.length > 0 ? () => n && `This Airflow gives plugins no ${cn.join(", ")}. ${$}` : (e) => /* @__PURE__ */ y(o, {
	instead: n,
	children: /* @__PURE__ */ y(t, { ...e })
});
