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
}, s = globalThis.ChakraUI ?? {}, c = s.Box, l = s.Button, u = s.Flex, d = s.Heading, ee = s.Input, f = s.Text, p = s.chakra, m = globalThis.ReactRouterDOM ?? {}, h = m.Link, te = m.NavLink, g = m.Route, ne = m.Routes, _ = m.useLocation, re = m.useParams, ie = m.useSearchParams, v = "/plugin/releases";
function ae(...e) {
	return [v, ...e.map(encodeURIComponent)].join("/");
}
function y(e) {
	return new URL(`deployplan/api/v1/${e}`, document.baseURI).href;
}
// src/poll.ts
var b = 5e3, oe = 1e3, x = class {
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
			let t = await fetch(y(this.path), {
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
				problem: await le(e)
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
		this.timer = setTimeout(() => void this.refresh(), e ? oe : Math.min(...this.listeners.values()));
	}
};
function se(e, t = b) {
	let [n, i] = a(e.known);
	return r(() => e.follow(i, t), [e, t]), n;
}
function ce(e, t = b) {
	let [n, r] = a(() => ({
		path: e,
		poll: new x(e)
	})), i = n;
	return n.path !== e && (i = {
		path: e,
		poll: new x(e)
	}, r(i)), se(i.poll, t);
}
async function le(e) {
	try {
		let { detail: t } = await e.json();
		if (typeof t == "string") return t;
	} catch {}
	return `Airflow answered ${e.status}`;
}
// \0host:react/jsx-runtime
var S = globalThis.ReactJSXRuntime ?? {}, C = S.Fragment, w = S.jsx, T = S.jsxs;
// src/Problem.tsx
function E({ seen: e }) {
	if (e.problem === null) return null;
	let t = encodeURIComponent(location.href);
	return /* @__PURE__ */ T(c, {
		role: "alert",
		borderLeftWidth: "4px",
		borderLeftColor: "red.solid",
		pl: "2",
		my: "2",
		children: [/* @__PURE__ */ T(f, {
			overflowWrap: "anywhere",
			children: [e.problem, e.found !== null && " What is shown below may be out of date."]
		}), e.signedOut && /* @__PURE__ */ w("a", {
			href: new URL(`api/v2/auth/login?next=${t}`, document.baseURI).href,
			style: { textDecoration: "underline" },
			children: "Log in again"
		})]
	});
}
// src/store.ts
var D = new x("tonight", (e) => e.unread > 0);
function ue() {
	return D.refresh();
}
function O(e) {
	return se(D, e);
}
function k() {
	let [e, t] = a(() => /* @__PURE__ */ new Date());
	return r(() => {
		let e = setInterval(() => t(/* @__PURE__ */ new Date()), 3e4);
		return () => clearInterval(e);
	}, []), e;
}
async function de(e, t) {
	try {
		let n = await fetch(y(e), {
			method: "POST",
			credentials: "same-origin",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ reason: t })
		});
		return n.ok ? (await ue(), null) : await le(n);
	} catch (e) {
		return `Airflow does not answer: ${e instanceof Error ? e.message : String(e)}`;
	}
}
// src/tonight.ts
var A = [
	"review",
	"window",
	"deploy",
	"verify",
	"backout",
	"outcome"
];
function fe(e, t) {
	return e.filter((e) => (!t.environment || e.environment === t.environment) && (!t.product || e.product === t.product) && (!t.person || j(e).includes(t.person)));
}
function j(e) {
	let { question: t, seats: n, owner: r } = e;
	return [.../* @__PURE__ */ new Set([
		...t?.people ?? [],
		...n?.by ?? [],
		...n?.missing ?? [],
		...r ? [r] : []
	])];
}
function M(e, t) {
	return [...new Set(e.flatMap(t).filter((e) => !!e))].sort();
}
function N(e, t, n) {
	let r = new Date(e), i = (e) => e.toLocaleDateString("en-CA", { timeZone: t }), a = Math.abs(r.getTime() - n.getTime()) > 6 * pe;
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
function P(e, t, n) {
	let r = N(e, t, n);
	return r.endsWith(` ${t}`) ? r : `${r} (${t})`;
}
var F = 6e4, pe = 1440 * F;
function I(e, t) {
	let n = Date.parse(e) - t.getTime(), r = Math.max(1, Math.round(Math.abs(n) / F)), i = Math.floor(r / 1440), a = Math.floor(r % 1440 / 60), o = (i ? [`${i} d`, a ? `${a} h` : ""] : a ? [`${a} h`, `${r % 60} min`] : [`${r} min`]).filter(Boolean).join(" ");
	return n >= 0 ? `in ${o}` : `${o} ago`;
}
function L(e) {
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
function R(e, t) {
	let n = (t) => e.rows.filter((e) => e.lane === t).length, r = e.rows.filter((e) => e.began && !e.ended).length, i = [r === 1 ? "1 release runs" : `${r || "no"} releases run`], a = n("needs you");
	i.push(a === 1 ? "1 waits for you" : `${a || "none"} wait for you`);
	let o = e.rows.filter((e) => e.opens && Date.parse(e.opens) > t.getTime());
	o.sort((e, t) => Date.parse(e.opens ?? "") - Date.parse(t.opens ?? ""));
	let s = o[0];
	return s?.opens && i.push(`next opening ${P(s.opens, s.timezone, t)}`), i.join(" · ");
}
function me(e) {
	return e.run ? ae("runs", e.plan, e.run) : z(e);
}
function z(e) {
	let t = `/dags/${encodeURIComponent(e.plan)}`;
	return e.run ? `${t}/runs/${encodeURIComponent(e.run)}` : t;
}
function B(e) {
	let t = `deployplan/m/${encodeURIComponent(e.plan)}/${encodeURIComponent(e.run ?? "")}`;
	return e.question && e.run ? new URL(t, document.baseURI).href : null;
}
function he(e) {
	return e.question && e.run ? `${z(e)}/tasks/${encodeURIComponent(e.question.task)}/required_actions` : null;
}
// src/release/release.ts
var V = {
	done: "✓",
	working: "◐",
	failed: "✕",
	unknown: "?",
	"left out": "⊘",
	undone: "↺",
	"not started": "○"
};
function H(e) {
	let t = Math.max(0, Math.round(e / 1e3));
	if (t < 60) return `${t} s`;
	let n = Math.floor(t / 60);
	return n < 60 ? t % 60 ? `${n} min ${t % 60} s` : `${n} min` : n % 60 ? `${Math.floor(n / 60)} h ${n % 60} min` : `${n / 60} h`;
}
function ge(e, t) {
	if (!e.began) return null;
	let n = (e.ended ? Date.parse(e.ended) : t.getTime()) - Date.parse(e.began);
	return e.ended ? H(n) : `for ${H(n)}`;
}
function _e(e) {
	let t = `${e.before ?? "nothing known"} → ${e.after ?? "?"}`;
	return e.now ? `${t}, now ${e.now}` : e.standing === "working" ? `${t}, changing now` : `${t}, now not known`;
}
function ve(e, t, n) {
	let r = n.trim().toLowerCase();
	return e.filter((e) => (!r || e.node.toLowerCase().includes(r)) && (!t || e.cells.some((e) => e.standing === t)));
}
var U = /* @__PURE__ */ new Set(["fail", "unknown"]);
function ye(e) {
	let t = e.points.at(-1);
	return t ? U.has(t.answer) ? t.answer.toUpperCase() : t.answer : "not read";
}
function be(e, t) {
	let n = e.filter((e) => e.points.some((e) => U.has(e.answer))), r = e.filter((e) => !n.includes(e)), i = [...n, ...r].slice(0, t);
	return {
		shown: i,
		left: e.length - i.length
	};
}
// src/release/Section.tsx
function W({ title: e, children: t }) {
	let n = i();
	return /* @__PURE__ */ T(c, {
		as: "section",
		"aria-labelledby": n,
		mt: "6",
		children: [/* @__PURE__ */ w(d, {
			as: "h2",
			size: "md",
			id: n,
			mb: "2",
			children: e
		}), t]
	});
}
function G({ label: e, head: t, rows: n, children: r }) {
	return /* @__PURE__ */ w(c, {
		role: "region",
		"aria-label": e,
		tabIndex: 0,
		overflowX: "auto",
		css: xe,
		children: /* @__PURE__ */ T("table", { children: [/* @__PURE__ */ w("thead", { children: /* @__PURE__ */ w("tr", { children: t.map((e) => /* @__PURE__ */ w("th", {
			scope: "col",
			children: e
		}, e)) }) }), /* @__PURE__ */ w("tbody", { children: r ?? n?.map(({ key: e, cells: [n, ...r] }) => /* @__PURE__ */ T("tr", { children: [/* @__PURE__ */ w("th", {
			scope: "row",
			"data-label": t[0],
			children: n
		}), r.map((e, n) => /* @__PURE__ */ w("td", {
			"data-label": t[n + 1],
			children: e
		}, t[n + 1]))] }, e)) })] })
	});
}
var K = "var(--chakra-colors-fg-muted)", q = "1px solid var(--chakra-colors-border)", xe = {
	"& table": {
		borderCollapse: "collapse",
		width: "100%",
		fontSize: "0.875rem"
	},
	"& th, & td": {
		textAlign: "start",
		verticalAlign: "top",
		padding: "0.35rem 0.75rem 0.35rem 0",
		borderBottom: q,
		overflowWrap: "anywhere"
	},
	"& th": { fontWeight: 500 },
	"& thead th": { color: K },
	"@media (max-width: 48em)": {
		"& thead": {
			position: "absolute",
			clipPath: "inset(50%)"
		},
		"& tr": {
			display: "block",
			borderBottom: q,
			padding: "0.4rem 0"
		},
		"& tbody th, & td": {
			display: "block",
			border: 0,
			padding: "0.1rem 0"
		},
		"& tbody th::before, & td::before": {
			content: "attr(data-label) \": \"",
			color: K,
			fontWeight: 400
		}
	}
};
// src/release/TwoClocks.tsx
function J({ at: e, zone: t, now: n }) {
	let r = N(e, void 0, n);
	return /* @__PURE__ */ T("time", {
		dateTime: e,
		children: [r, N(e, t, n) !== r && /* @__PURE__ */ T("span", {
			style: { color: "var(--chakra-colors-fg-muted)" },
			children: [
				" (",
				P(e, t, n),
				")"
			]
		})]
	});
}
// src/release/Approvals.tsx
var Se = {
	asked: "○",
	approved: "✓",
	rejected: "✕",
	expired: "–"
};
function Ce({ release: e, now: t }) {
	let { seats: n, approvals: r, digest: i } = e;
	return /* @__PURE__ */ T(W, {
		title: "Approval",
		children: [n && /* @__PURE__ */ T(f, {
			fontSize: "sm",
			children: [
				n.taken,
				" of ",
				n.of,
				" seats have a yes",
				n.missing.length > 0 && `; who may take the others: ${n.missing.join(" or ")}`,
				". Digest",
				" ",
				/* @__PURE__ */ w("code", {
					style: { overflowWrap: "anywhere" },
					children: i
				})
			]
		}), r.length > 0 && /* @__PURE__ */ w(G, {
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
					/* @__PURE__ */ T(C, { children: [
						/* @__PURE__ */ w("span", {
							"aria-hidden": "true",
							children: Se[n.state]
						}),
						" ",
						we(n)
					] }),
					/* @__PURE__ */ w(J, {
						at: n.at,
						zone: e.timezone,
						now: t
					}),
					/* @__PURE__ */ T(C, { children: [/* @__PURE__ */ w("code", {
						title: n.digest,
						children: n.digest.slice(0, 12)
					}), n.digest !== i && " (another plan)"] })
				]
			}))
		})]
	});
}
function we(e) {
	let t = e.window ? `, for the window of ${e.window}` : "";
	switch (e.state) {
		case "asked": return `asked of ${e.asked.join(", ")}`;
		case "expired": return `nobody answered in time; asked were ${e.asked.join(", ")}`;
		default: return `${e.person ?? "somebody"} ${e.state}${t}${e.why ? `: ${e.why}` : ""}`;
	}
}
// src/release/Sparkline.tsx
var Y = 14, X = 22, Te = 5;
function Ee(e, t, n) {
	let r = e.map((e) => e.value), i = [t, n].filter((e) => e !== null);
	if (i.length === 0 || r.some((e) => e === void 0)) return {
		at: e.map((e) => ({
			pass: Te,
			fail: 17
		})[e.answer] ?? X / 2),
		limits: []
	};
	let a = [...r, ...i], o = Math.min(...a), s = Math.max(...a) - o || 1, c = (e) => 17 - (e - o) / s * 12;
	return {
		at: r.map(c),
		limits: i.map(c)
	};
}
var De = {
	pass: "green",
	fail: "red"
};
function Oe({ criterion: e, series: t }) {
	let { points: n } = t, { at: r, limits: i } = Ee(n, e.least, e.most), a = Math.max(1, n.length) * Y, o = (e) => e * Y + Y / 2, s = n.map((e) => `${e.phase}: ${e.answer}${e.value === void 0 ? "" : ` (${e.value})`}`);
	return /* @__PURE__ */ T("svg", {
		width: a,
		height: X,
		role: "img",
		"aria-label": `${e.name}${t.node ? ` on ${t.node}` : ""}: ${s.join(", ")}`,
		style: {
			display: "inline-block",
			verticalAlign: "middle"
		},
		children: [
			i.map((e) => /* @__PURE__ */ w("line", {
				x1: "0",
				x2: a,
				y1: e,
				y2: e,
				stroke: "currentColor",
				strokeDasharray: "3 2",
				opacity: "0.7"
			}, e)),
			/* @__PURE__ */ w("polyline", {
				points: r.map((e, t) => `${o(t)},${e}`).join(" "),
				fill: "none",
				stroke: "currentColor",
				opacity: "0.4"
			}),
			n.map((e, t) => /* @__PURE__ */ w(ke, {
				answer: e.answer,
				x: o(t),
				y: r[t] ?? 0
			}, `${e.at}${t}`))
		]
	});
}
function ke({ answer: e, x: t, y: n }) {
	let r = `var(--chakra-colors-${De[e] ?? "purple"}-solid)`;
	return e === "fail" ? /* @__PURE__ */ w("path", {
		d: `M${t - 4} ${n - 4}L${t + 4} ${n + 4}M${t + 4} ${n - 4}L${t - 4} ${n + 4}`,
		stroke: r,
		strokeWidth: "2.5"
	}) : /* @__PURE__ */ w("circle", {
		cx: t,
		cy: n,
		r: "3.5",
		fill: e === "pass" ? r : "none",
		stroke: r,
		strokeWidth: "2"
	});
}
// src/release/Criteria.tsx
var Ae = 6;
function je({ criteria: e, now: t }) {
	return e.length === 0 ? null : /* @__PURE__ */ w(W, {
		title: "Criteria",
		children: /* @__PURE__ */ w(G, {
			label: "Criteria",
			head: [
				"criterion",
				"must show",
				"readings"
			],
			rows: e.map((e) => ({
				key: e.name,
				cells: [
					/* @__PURE__ */ T(C, { children: [
						e.name,
						e.neighbour && " (neighbour)",
						/* @__PURE__ */ w(f, {
							fontSize: "xs",
							color: "fg.muted",
							fontWeight: "normal",
							overflowWrap: "anywhere",
							children: e.question
						})
					] }),
					`${e.wanted}${e.seconds ? ` for ${e.seconds} s` : ""}`,
					/* @__PURE__ */ w(Me, {
						criterion: e,
						now: t
					})
				]
			}))
		})
	});
}
function Me({ criterion: e, now: t }) {
	let { shown: n, left: r } = be(e.series, Ae);
	return n.length === 0 ? /* @__PURE__ */ w(C, { children: "not read yet" }) : /* @__PURE__ */ T(C, { children: [n.map((n) => /* @__PURE__ */ w(Ne, {
		series: n,
		criterion: e,
		now: t
	}, n.node ?? "")), r > 0 && /* @__PURE__ */ T(f, {
		fontSize: "xs",
		color: "fg.muted",
		children: [r, " more nodes, every reading passed"]
	})] });
}
function Ne({ series: e, criterion: t, now: n }) {
	let r = e.points.at(-1);
	return /* @__PURE__ */ T(c, { children: [
		/* @__PURE__ */ w(Oe, {
			criterion: t,
			series: e
		}),
		" ",
		/* @__PURE__ */ w("strong", { children: ye(e) }),
		e.node && ` on ${e.node}`,
		r && /* @__PURE__ */ w(c, {
			as: "span",
			color: "fg.muted",
			children: `: ${r.why ?? r.observed ?? ""} (${N(r.at, void 0, n)}, ${r.phase})`
		})
	] });
}
// src/release/Matrix.tsx
var Pe = {
	done: "green.fg",
	working: "blue.fg",
	failed: "red.fg",
	unknown: "purple.fg",
	"left out": "orange.fg",
	undone: "fg.muted",
	"not started": "fg.muted"
};
function Fe({ release: e, now: t }) {
	let [n, r] = a(""), [i, o] = a(""), s = ze(), d = ve(e.matrix, n, i), p = e.components.length > 1;
	return /* @__PURE__ */ T(W, {
		title: `Nodes (${e.matrix.length})`,
		children: [
			/* @__PURE__ */ T(u, {
				gap: "2",
				wrap: "wrap",
				mb: "2",
				align: "center",
				children: [
					Object.entries(e.nodes).map(([e, t]) => /* @__PURE__ */ T(l, {
						size: "xs",
						variant: n === e ? "solid" : "outline",
						"aria-pressed": n === e,
						onClick: () => r(n === e ? "" : e),
						children: [
							/* @__PURE__ */ w("span", {
								"aria-hidden": "true",
								children: V[e]
							}),
							" ",
							t,
							" ",
							e
						]
					}, e)),
					/* @__PURE__ */ w("label", {
						htmlFor: "deployplan-node",
						children: "node"
					}),
					/* @__PURE__ */ w(ee, {
						id: "deployplan-node",
						size: "xs",
						width: "12rem",
						value: i,
						onChange: (e) => o(e.target.value)
					})
				]
			}),
			s ? /* @__PURE__ */ w(u, {
				as: "ul",
				direction: "column",
				gap: "2",
				p: "0",
				listStyleType: "none",
				children: d.map((e) => /* @__PURE__ */ T(c, {
					as: "li",
					borderWidth: "1px",
					borderRadius: "md",
					p: "2",
					fontSize: "sm",
					children: [/* @__PURE__ */ w(f, {
						fontWeight: "semibold",
						overflowWrap: "anywhere",
						children: e.node
					}), e.cells.map((e) => /* @__PURE__ */ T(c, {
						mt: "1",
						overflowWrap: "anywhere",
						children: [p && `${e.component}: `, /* @__PURE__ */ w(Le, {
							cell: e,
							now: t
						})]
					}, e.component))]
				}, e.node))
			}) : /* @__PURE__ */ w(G, {
				label: "Nodes and components",
				head: ["node", ...e.components],
				children: d.map((n) => /* @__PURE__ */ w(Ie, {
					row: n,
					components: e.components,
					now: t
				}, n.node))
			}),
			d.length < e.matrix.length && /* @__PURE__ */ T(f, {
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
var Ie = n(function({ row: e, components: t, now: n }) {
	return /* @__PURE__ */ T("tr", { children: [/* @__PURE__ */ w("th", {
		scope: "row",
		children: e.node
	}), t.map((t) => {
		let r = e.cells.find((e) => e.component === t);
		return /* @__PURE__ */ w("td", { children: r ? /* @__PURE__ */ w(Le, {
			cell: r,
			now: n
		}) : "–" }, t);
	})] });
}, (e, t) => JSON.stringify(e.row) === JSON.stringify(t.row) && e.components.length === t.components.length && (e.now === t.now || !t.row.cells.some((e) => e.began && !e.ended)));
function Le({ cell: e, now: t }) {
	let n = ge(e, t);
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ T("span", {
			style: {
				color: `var(--chakra-colors-${Pe[e.standing].replace(".", "-")})`,
				fontWeight: 600,
				whiteSpace: "nowrap"
			},
			children: [
				/* @__PURE__ */ w("span", {
					"aria-hidden": "true",
					children: V[e.standing]
				}),
				" ",
				e.standing
			]
		}),
		" ",
		_e(e),
		/* @__PURE__ */ T("span", {
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
var Re = "(max-width: 48em)";
function ze() {
	let [e, t] = a(() => matchMedia(Re).matches);
	return r(() => {
		let e = matchMedia(Re), n = () => t(e.matches);
		return e.addEventListener("change", n), () => e.removeEventListener("change", n);
	}, []), e;
}
// src/release/Messages.tsx
var Be = {
	sent: "✓ sent",
	"not sent": "✕ NOT sent",
	"perhaps sent": "? perhaps sent"
};
function Ve({ messages: e, zone: t, now: n }) {
	return /* @__PURE__ */ w(W, {
		title: `Messages (${e.length})`,
		children: e.length === 0 ? /* @__PURE__ */ w(f, {
			fontSize: "sm",
			color: "fg.muted",
			children: "none yet"
		}) : /* @__PURE__ */ w(G, {
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
					/* @__PURE__ */ w(J, {
						at: e.at,
						zone: t,
						now: n
					}),
					`${Be[e.state] ?? e.state}${e.receipt ? `: ${e.receipt}` : ""}`
				]
			}))
		})
	});
}
// src/release/Rail.tsx
var He = {
	over: "✓",
	now: "▶",
	ahead: "○",
	"not needed": "–",
	"not reached": "–"
};
function Ue({ phases: e, zone: t, now: n }) {
	return /* @__PURE__ */ w(u, {
		as: "ol",
		"aria-label": "Phases",
		wrap: "wrap",
		gap: "2",
		my: "4",
		p: "0",
		listStyleType: "none",
		children: e.map((e) => /* @__PURE__ */ T(c, {
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
			children: [/* @__PURE__ */ T(f, {
				fontWeight: e.state === "now" ? "bold" : "medium",
				children: [
					/* @__PURE__ */ T("span", {
						"aria-hidden": "true",
						children: [He[e.state], " "]
					}),
					e.number,
					" ",
					e.name,
					" ",
					/* @__PURE__ */ w(c, {
						as: "span",
						fontWeight: "normal",
						color: "fg.muted",
						children: e.state
					})
				]
			}), /* @__PURE__ */ w(We, {
				phase: e,
				zone: t,
				now: n
			})]
		}, e.number))
	});
}
function We({ phase: e, zone: t, now: n }) {
	let { began: r, ended: i, planned_begin: a, planned_end: o } = e, s = (e) => /* @__PURE__ */ w(J, {
		at: e,
		zone: t,
		now: n
	});
	return /* @__PURE__ */ T(C, { children: [r && /* @__PURE__ */ T(f, { children: [s(r), i && ` for ${H(Date.parse(i) - Date.parse(r))}`] }), !e.state.startsWith("not ") && (a || o) && /* @__PURE__ */ T(f, {
		color: "fg.muted",
		children: [
			"planned",
			a && /* @__PURE__ */ T(C, { children: [" from ", s(a)] }),
			o && /* @__PURE__ */ T(C, { children: [" until ", s(o)] })
		]
	})] });
}
// src/release/ReleasePage.tsx
var Ge = 1500;
function Ke() {
	let { plan: e = "", run: t = "" } = re();
	return /* @__PURE__ */ T(C, { children: [/* @__PURE__ */ w(f, {
		mb: "2",
		fontSize: "sm",
		children: /* @__PURE__ */ w(h, {
			to: v,
			style: { textDecoration: "underline" },
			children: "All releases"
		})
	}), /* @__PURE__ */ w(Je, {
		plan: e,
		run: t
	})] });
}
function qe({ dagId: e = "", runId: t = "" }) {
	return /* @__PURE__ */ T(c, {
		as: "section",
		"aria-label": "Release",
		p: "3",
		width: "100%",
		overflowY: "auto",
		children: [/* @__PURE__ */ w(f, {
			mb: "2",
			fontSize: "sm",
			children: /* @__PURE__ */ w(h, {
				to: ae("runs", e, t),
				style: { textDecoration: "underline" },
				children: "On a page of its own"
			})
		}), /* @__PURE__ */ w(Je, {
			plan: e,
			run: t
		})]
	});
}
function Je({ plan: e, run: t }) {
	let n = ce(`releases/${encodeURIComponent(e)}/${encodeURIComponent(t)}`, Ge), r = k();
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(d, {
			as: "h1",
			size: "xl",
			overflowWrap: "anywhere",
			children: e
		}),
		/* @__PURE__ */ w(E, { seen: n }),
		n.found === null ? n.problem === null && /* @__PURE__ */ w(f, {
			role: "status",
			children: "Reading its record…"
		}) : /* @__PURE__ */ w(Ye, {
			release: n.found,
			now: r
		})
	] });
}
function Ye({ release: e, now: t }) {
	return /* @__PURE__ */ T(C, { children: [/* @__PURE__ */ w(Xe, {
		release: e,
		now: t
	}), !e.damaged && /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(Ue, {
			phases: e.phases,
			zone: e.timezone,
			now: t
		}),
		/* @__PURE__ */ w(Fe, {
			release: e,
			now: t
		}),
		/* @__PURE__ */ w(je, {
			criteria: e.criteria,
			now: t
		}),
		/* @__PURE__ */ w(Ce, {
			release: e,
			now: t
		}),
		/* @__PURE__ */ w(Ze, {
			release: e,
			now: t
		}),
		/* @__PURE__ */ w(Ve, {
			messages: e.messages,
			zone: e.timezone,
			now: t
		})
	] })] });
}
function Xe({ release: e, now: t }) {
	let n = e, r = L(n), i = B(n), a = e.release && (e.previous ? `${e.previous} → ${e.release}` : e.release);
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ T(f, {
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
				/* @__PURE__ */ w(h, {
					to: z(n),
					style: { textDecoration: "underline" },
					children: e.run
				})
			]
		}),
		e.summary && /* @__PURE__ */ w(f, {
			overflowWrap: "anywhere",
			children: e.summary
		}),
		/* @__PURE__ */ T(f, {
			my: "2",
			fontSize: "lg",
			overflowWrap: "anywhere",
			"data-testid": "sentence",
			"aria-live": "polite",
			children: [
				e.damaged && /* @__PURE__ */ w("strong", { children: "Damaged record: " }),
				e.outcome && !e.damaged && /* @__PURE__ */ T("strong", { children: [e.outcome.replaceAll("_", " "), ": "] }),
				e.sentence
			]
		}),
		/* @__PURE__ */ T(u, {
			gap: "6",
			wrap: "wrap",
			fontSize: "sm",
			children: [
				r && /* @__PURE__ */ T(Z, {
					what: r.what,
					children: [
						/* @__PURE__ */ w(J, {
							at: r.at,
							zone: e.timezone,
							now: t
						}),
						", ",
						I(r.at, t)
					]
				}),
				e.budget && /* @__PURE__ */ T(Z, {
					what: `budget of ${e.budget.component}`,
					children: [
						Math.max(0, e.budget.allowed - e.budget.failed),
						" of ",
						e.budget.allowed,
						" left"
					]
				}),
				e.wave && !e.ended && /* @__PURE__ */ T(Z, {
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
		i && /* @__PURE__ */ T(f, {
			mt: "2",
			children: [
				/* @__PURE__ */ w("a", {
					href: i,
					style: {
						textDecoration: "underline",
						fontWeight: 600
					},
					children: e.may.answer ? "Answer" : "See the question"
				}),
				" ",
				/* @__PURE__ */ T(c, {
					as: "span",
					color: "fg.muted",
					children: [
						"asked: ",
						e.question?.people.join(", "),
						e.question?.until && `, silence is taken for an answer at ${N(e.question.until, void 0, t)}`
					]
				})
			]
		})
	] });
}
function Z({ what: e, children: t }) {
	return /* @__PURE__ */ T(c, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ T(c, {
				as: "span",
				color: "fg.muted",
				children: [e, ":"]
			}),
			" ",
			t
		]
	});
}
function Ze({ release: e, now: t }) {
	let n = e.backout;
	return /* @__PURE__ */ w(W, {
		title: "What a backout would do",
		children: n ? /* @__PURE__ */ T(f, {
			overflowWrap: "anywhere",
			"data-testid": "backout",
			children: [
				"It ",
				n.sentence,
				". ",
				n.authority.join(" or "),
				" may order it",
				n.until && /* @__PURE__ */ T(C, { children: [", and people may ask for it until ", /* @__PURE__ */ w(J, {
					at: n.until,
					zone: e.timezone,
					now: t
				})] }),
				"."
			]
		}) : /* @__PURE__ */ w(f, { children: "Nothing: no component of this run has begun, or what had is undone." })
	});
}
// src/Filters.tsx
var Qe = [
	"environment",
	"product",
	"person"
];
function $e() {
	let [e, t] = ie(), [n, r, i] = Qe.map((t) => e.get(t) ?? "");
	return [{
		environment: n,
		product: r,
		person: i
	}, (e, n) => {
		let r = new URLSearchParams(location.search);
		n ? r.set(e, n) : r.delete(e), t(r, { replace: !0 });
	}];
}
function et(e) {
	let { rows: t, filter: n, choose: r } = e, i = {
		environment: M(t, (e) => [e.environment]),
		product: M(t, (e) => [e.product]),
		person: M(t, j)
	};
	return /* @__PURE__ */ w(u, {
		gap: "3",
		wrap: "wrap",
		children: Qe.map((e) => /* @__PURE__ */ T(c, {
			fontSize: "sm",
			children: [/* @__PURE__ */ T("label", {
				htmlFor: `deployplan-${e}`,
				children: [e, " "]
			}), /* @__PURE__ */ T(p.select, {
				id: `deployplan-${e}`,
				value: n[e],
				borderWidth: "1px",
				borderColor: "border.emphasized",
				borderRadius: "md",
				bg: "bg",
				color: "fg",
				p: "1",
				maxWidth: "14rem",
				onChange: (t) => r(e, t.target.value),
				children: [/* @__PURE__ */ w("option", {
					value: "",
					children: "all"
				}), [.../* @__PURE__ */ new Set([...i[e], ...n[e] ? [n[e]] : []])].map((e) => /* @__PURE__ */ w("option", {
					value: e,
					children: e
				}, e))]
			})]
		}, e))
	});
}
// src/HoldForm.tsx
function tt({ found: e }) {
	let [t, n] = a(!1), [r, i] = a(""), [o, s] = a(null), [d, p] = a(!1), m = e.hold ? "resume" : "hold";
	if (!e.may.hold) return null;
	let h = async () => {
		p(!0);
		let e = await de(m, r);
		p(!1), s(e), e === null && (i(""), n(!1));
	};
	return t ? /* @__PURE__ */ T(c, {
		as: "form",
		borderWidth: "1px",
		borderRadius: "md",
		p: "3",
		width: "100%",
		onSubmit: (e) => {
			e.preventDefault(), h();
		},
		children: [
			/* @__PURE__ */ w(f, {
				fontSize: "sm",
				mb: "2",
				children: m === "hold" ? "No plan will start a new wave and no window will open, until somebody resumes. What runs goes on; no backout is held." : "All plans go on from where they are."
			}),
			/* @__PURE__ */ T(u, {
				gap: "2",
				wrap: "wrap",
				align: "center",
				children: [
					/* @__PURE__ */ w("label", {
						htmlFor: "deployplan-why",
						children: "Why?"
					}),
					/* @__PURE__ */ w(ee, {
						id: "deployplan-why",
						value: r,
						maxLength: 1e3,
						required: !0,
						autoFocus: !0,
						flex: "1 1 12rem",
						onChange: (e) => i(e.target.value)
					}),
					/* @__PURE__ */ w(l, {
						type: "submit",
						size: "sm",
						disabled: d || !r.trim(),
						children: m === "hold" ? "Hold all" : "Resume all"
					}),
					/* @__PURE__ */ w(l, {
						type: "button",
						size: "sm",
						variant: "ghost",
						onClick: () => n(!1),
						children: "Cancel"
					})
				]
			}),
			o && /* @__PURE__ */ w(f, {
				role: "alert",
				mt: "2",
				fontSize: "sm",
				children: o
			})
		]
	}) : /* @__PURE__ */ w(l, {
		variant: "outline",
		size: "sm",
		onClick: () => n(!0),
		children: m === "hold" ? "Hold all…" : "Resume all…"
	});
}
// src/NodeBar.tsx
var nt = {
	done: "green.solid",
	working: "blue.solid",
	failed: "red.solid",
	unknown: "purple.solid",
	"left out": "orange.solid",
	undone: "gray.solid",
	"not started": "border.emphasized"
}, rt = Object.keys(nt);
function it({ row: e }) {
	let t = rt.flatMap((t) => {
		let n = e.nodes[t];
		return n ? [{
			standing: t,
			count: n
		}] : [];
	});
	if (t.length === 0) return null;
	let n = t.map(({ standing: e, count: t }) => `${t} ${e}`).join(" · ");
	return /* @__PURE__ */ T(c, { children: [/* @__PURE__ */ w(u, {
		height: "2",
		borderRadius: "full",
		overflow: "hidden",
		gap: "1px",
		"aria-hidden": "true",
		children: t.map(({ standing: e, count: t }) => /* @__PURE__ */ w(c, {
			flexGrow: t,
			flexBasis: "0",
			minWidth: "4px",
			bg: nt[e]
		}, e))
	}), /* @__PURE__ */ T(f, {
		fontSize: "sm",
		mt: "1",
		children: [
			/* @__PURE__ */ w(c, {
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
function at({ row: e }) {
	let t = e.phase?.number ?? 0, n = e.phase ? `${t} of ${A.length}: ${e.phase.name}` : e.damaged ? "not known" : "planned", r = t === 5 || (e.nodes.undone ?? 0) > 0, i = (e) => e <= t && (e !== 5 || r);
	return /* @__PURE__ */ T(u, {
		align: "center",
		gap: "2",
		fontSize: "sm",
		children: [/* @__PURE__ */ w(u, {
			gap: "1",
			"aria-hidden": "true",
			children: A.map((e, n) => /* @__PURE__ */ w(c, {
				width: n + 1 === t ? "5" : "2.5",
				height: "2.5",
				borderRadius: "full",
				borderWidth: "1px",
				borderColor: i(n + 1) ? "blue.solid" : "border.emphasized",
				bg: i(n + 1) ? "blue.solid" : "transparent"
			}, e))
		}), /* @__PURE__ */ T("span", { children: ["Phase ", n] })]
	});
}
// src/RowCard.tsx
var ot = {
	"needs you": "orange.solid",
	running: "blue.solid",
	waiting: "gray.solid",
	"next 7 days": "border.emphasized"
}, st = /* @__PURE__ */ new Set([
	"backout_failed",
	"unknown",
	"missed",
	"window_missed"
]), ct = /* @__PURE__ */ new Set([
	"success",
	"success_with_issues",
	"nothing_to_do"
]);
function lt(e) {
	return e.damaged || st.has(e.outcome ?? "") ? "red.solid" : ct.has(e.outcome ?? "") ? "green.solid" : ot[e.lane] ?? "gray.solid";
}
var ut = n(function({ row: e, now: t }) {
	let n = he(e);
	return /* @__PURE__ */ w(c, {
		as: "article",
		borderWidth: "1px",
		borderColor: "border",
		borderLeftWidth: "4px",
		borderLeftColor: lt(e),
		borderRadius: "md",
		p: "3",
		"aria-label": `${e.plan}${e.run ? `, run ${e.run}` : ""}`,
		children: /* @__PURE__ */ T(u, {
			direction: {
				base: "column",
				lg: "row"
			},
			gap: {
				base: "2",
				lg: "6"
			},
			children: [
				/* @__PURE__ */ T(c, {
					flex: "2 1 0",
					minWidth: "0",
					children: [
						/* @__PURE__ */ w(d, {
							as: "h3",
							size: "sm",
							overflowWrap: "anywhere",
							children: /* @__PURE__ */ w(h, {
								to: me(e),
								style: { textDecoration: "underline" },
								children: e.plan
							})
						}),
						/* @__PURE__ */ w(f, {
							fontSize: "sm",
							color: "fg.muted",
							overflowWrap: "anywhere",
							children: [
								e.product && e.release ? `${e.product} ${e.release}` : e.product,
								e.environment,
								e.owner && `by ${e.owner}`
							].filter(Boolean).join(" · ")
						}),
						/* @__PURE__ */ T(f, {
							mt: "1",
							overflowWrap: "anywhere",
							"data-testid": "sentence",
							children: [
								e.damaged && /* @__PURE__ */ w("strong", { children: "Damaged record: " }),
								e.outcome && !e.damaged && /* @__PURE__ */ T("strong", { children: [e.outcome.replaceAll("_", " "), ": "] }),
								e.sentence
							]
						}),
						n && /* @__PURE__ */ T(f, {
							mt: "2",
							children: [
								/* @__PURE__ */ w("a", {
									href: B(e) ?? void 0,
									style: {
										textDecoration: "underline",
										fontWeight: 600
									},
									children: e.may.answer ? "Answer" : "See the question"
								}),
								" ",
								"(",
								/* @__PURE__ */ w(h, {
									to: n,
									style: { textDecoration: "underline" },
									children: "in Airflow"
								}),
								")",
								" ",
								/* @__PURE__ */ T(c, {
									as: "span",
									fontSize: "sm",
									color: "fg.muted",
									children: ["asked: ", e.question?.people.join(", ")]
								})
							]
						})
					]
				}),
				/* @__PURE__ */ T(c, {
					flex: "1 1 0",
					minWidth: "0",
					children: [/* @__PURE__ */ w(at, { row: e }), /* @__PURE__ */ w(c, {
						mt: "2",
						children: /* @__PURE__ */ w(it, { row: e })
					})]
				}),
				/* @__PURE__ */ w(c, {
					flex: "1 1 0",
					minWidth: "0",
					fontSize: "sm",
					children: /* @__PURE__ */ w(dt, {
						row: e,
						now: t
					})
				})
			]
		})
	});
});
function dt({ row: e, now: t }) {
	let n = L(e), { seats: r, budget: i, wave: a } = e;
	return /* @__PURE__ */ T(c, {
		as: "dl",
		display: "grid",
		gridTemplateColumns: "auto 1fr",
		columnGap: "3",
		rowGap: "1",
		m: "0",
		children: [
			n && /* @__PURE__ */ T(Q, {
				what: n.what,
				children: [
					N(n.at, void 0, t),
					", ",
					I(n.at, t),
					N(n.at, e.timezone, t) !== N(n.at, void 0, t) && /* @__PURE__ */ w(c, {
						as: "span",
						color: "fg.muted",
						children: `; ${P(n.at, e.timezone, t)}`
					})
				]
			}),
			a && e.phase && !e.ended && /* @__PURE__ */ T(Q, {
				what: "wave",
				children: [
					a.number,
					" of ",
					a.of,
					", ",
					a.title
				]
			}),
			r && !e.ended && /* @__PURE__ */ T(Q, {
				what: "approval",
				children: [
					r.taken,
					" of ",
					r.of,
					r.by.length > 0 && ` (${r.by.join(", ")})`,
					r.missing.length > 0 && `, missing: ${r.missing.join(" or ")}`
				]
			}),
			i && e.began && /* @__PURE__ */ T(Q, {
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
	return /* @__PURE__ */ T(C, { children: [/* @__PURE__ */ w(c, {
		as: "dt",
		color: "fg.muted",
		children: e
	}), /* @__PURE__ */ w(c, {
		as: "dd",
		m: "0",
		overflowWrap: "anywhere",
		children: t
	})] });
}
// src/Releases.tsx
var ft = {
	"needs you": "Needs you",
	running: "Running",
	waiting: "Waiting",
	"next 7 days": "Next 7 days",
	"ended in 24 h": "Ended in 24 hours"
};
function pt() {
	let e = O(), t = k();
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(d, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Releases"
		}),
		/* @__PURE__ */ w(E, { seen: e }),
		e.found === null ? e.problem === null && /* @__PURE__ */ w(f, {
			role: "status",
			children: "Reading plans and records…"
		}) : /* @__PURE__ */ w(mt, {
			found: e.found,
			now: t
		})
	] });
}
function mt({ found: e, now: t }) {
	let [n, r] = $e(), i = fe(e.rows, n);
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(f, { children: R(e, t) }),
		e.hold && /* @__PURE__ */ T(f, {
			role: "status",
			fontWeight: "semibold",
			borderLeftWidth: "4px",
			borderLeftColor: "orange.solid",
			pl: "2",
			my: "2",
			children: ["Everything is ", e.hold.sentence]
		}),
		/* @__PURE__ */ w(ht, { found: e }),
		/* @__PURE__ */ T(u, {
			gap: "4",
			my: "3",
			wrap: "wrap",
			align: "center",
			justify: "space-between",
			children: [/* @__PURE__ */ w(et, {
				rows: e.rows,
				filter: n,
				choose: r
			}), /* @__PURE__ */ w(tt, { found: e })]
		}),
		e.lanes.map((e) => /* @__PURE__ */ w(gt, {
			lane: e,
			rows: i.filter((t) => t.lane === e),
			now: t
		}, e))
	] });
}
function ht({ found: e }) {
	return [e.unread > 0 && `Still reading: ${e.unread} runs or plan files.`, e.rejected > 0 && `Not shown: ${e.rejected} plan files with problems; see Airflow's import errors, or deployplan lint.`].filter((e) => !!e).map((e) => /* @__PURE__ */ w(f, {
		fontSize: "sm",
		color: "fg.muted",
		role: "status",
		children: e
	}, e));
}
function gt({ lane: e, rows: t, now: n }) {
	let r = `lane-${e.replaceAll(" ", "-")}`;
	return /* @__PURE__ */ T(c, {
		as: "section",
		"aria-labelledby": r,
		mt: "4",
		children: [/* @__PURE__ */ T(d, {
			as: "h2",
			size: "md",
			id: r,
			children: [
				ft[e],
				" (",
				t.length,
				")"
			]
		}), t.length === 0 ? /* @__PURE__ */ w(f, {
			fontSize: "sm",
			color: "fg.muted",
			children: "nothing"
		}) : /* @__PURE__ */ w(u, {
			as: "ul",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: t.map((e) => /* @__PURE__ */ w(c, {
				as: "li",
				children: /* @__PURE__ */ w(ut, {
					row: e,
					now: n
				})
			}, `${e.plan}/${e.run}`))
		})]
	});
}
// src/pages.tsx
var _t = [{
	path: "",
	label: "Releases",
	Component: pt
}, {
	path: "runs/:plan/:run",
	Component: Ke
}];
function vt() {
	return /* @__PURE__ */ T(c, {
		as: "main",
		p: {
			base: "3",
			md: "6"
		},
		maxWidth: "1600px",
		width: "100%",
		overflowY: "auto",
		children: [/* @__PURE__ */ w(yt, {}), /* @__PURE__ */ T(ne, { children: [_t.map(({ path: e, Component: t }) => /* @__PURE__ */ w(g, {
			path: e,
			element: /* @__PURE__ */ w(bt, { Component: t })
		}, e)), /* @__PURE__ */ w(g, {
			path: "*",
			element: /* @__PURE__ */ w(xt, {})
		})] })]
	});
}
function yt() {
	let e = _t.filter((e) => e.label);
	return e.length < 2 ? null : /* @__PURE__ */ w(c, {
		as: "nav",
		"aria-label": "Pages of deployplan",
		display: "flex",
		flexWrap: "wrap",
		gap: "4",
		mb: "3",
		borderBottomWidth: "1px",
		borderColor: "border",
		children: e.map(({ path: e, label: t }) => /* @__PURE__ */ w(te, {
			to: e ? `${v}/${e}` : v,
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
function bt({ Component: e }) {
	let { pathname: t } = _();
	return /* @__PURE__ */ w(o, {
		instead: "This page broke; the others stand. `deployplan status` and `deployplan nodes` tell the same.",
		children: /* @__PURE__ */ w(e, {})
	}, t);
}
function xt() {
	let { pathname: e } = _();
	return /* @__PURE__ */ T("p", {
		role: "status",
		children: [
			"There is no page ",
			e,
			"."
		]
	});
}
// src/Strip.tsx
function St() {
	let { found: e } = O(1e4), t = k();
	return e === null ? null : /* @__PURE__ */ T(c, {
		borderWidth: "1px",
		borderRadius: "md",
		px: "3",
		py: "2",
		mb: "3",
		children: [
			/* @__PURE__ */ w(h, {
				to: "/plugin/releases",
				style: { textDecoration: "underline" },
				children: "Releases"
			}),
			": ",
			R(e, t)
		]
	});
}
function Ct() {
	let { found: e } = O(15e3);
	if (e === null) return null;
	let t = e.rows.filter((e) => e.outcome === "backout_failed");
	return e.hold === null && t.length === 0 ? null : /* @__PURE__ */ T(c, {
		role: "status",
		borderLeftWidth: "4px",
		borderLeftColor: "red.solid",
		bg: "bg.muted",
		px: "3",
		py: "1",
		fontSize: "sm",
		children: [e.hold && /* @__PURE__ */ T("div", { children: ["Everything is ", e.hold.sentence] }), t.map((e) => /* @__PURE__ */ T("div", { children: [
			"Backout failed: ",
			e.plan,
			": ",
			e.sentence
		] }, `${e.plan}/${e.run}`))]
	});
}
// src/main.tsx
var $ = "The page of releases broke; `deployplan status` tells the same.", wt = globalThis, Tt = {
	Releases: [vt, $],
	Release: [qe, $],
	"Deployplan strip": [St, null],
	"Deployplan banner": [Ct, null]
}, Et = [
	"React",
	"ReactDOM",
	"ReactJSXRuntime",
	"ReactRouterDOM",
	"ChakraUI"
].filter((e) => wt[e] === void 0);
for (let [e, [t, n]] of Object.entries(Tt)) wt[e] = Et.length > 0 ? () => n && `This Airflow gives plugins no ${Et.join(", ")}. ${$}` : (e) => /* @__PURE__ */ w(o, {
	instead: n,
	children: /* @__PURE__ */ w(t, { ...e })
});
