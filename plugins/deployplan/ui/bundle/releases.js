// \0host:react
var e = globalThis.React ?? {}, t = e.Component, n = e.memo, r = e.useEffect, i = e.useState, a = class extends t {
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
}, o = globalThis.ChakraUI ?? {}, s = o.Box, c = o.Button, l = o.Flex, u = o.Heading, d = o.Input, f = o.Text, p = o.chakra, m = globalThis.ReactRouterDOM ?? {}, h = m.Link, g = m.NavLink, _ = m.Route, ee = m.Routes, v = m.useLocation, y = m.useSearchParams, b = "/plugin/releases";
function x(e) {
	return new URL(`deployplan/api/v1/${e}`, document.baseURI).href;
}
// src/tonight.ts
var S = [
	"review",
	"window",
	"deploy",
	"verify",
	"backout",
	"outcome"
];
function te(e, t) {
	return e.filter((e) => (!t.environment || e.environment === t.environment) && (!t.product || e.product === t.product) && (!t.person || C(e).includes(t.person)));
}
function C(e) {
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
	let r = new Date(e), i = (e) => e.toLocaleDateString("en-CA", { timeZone: t }), a = Math.abs(r.getTime() - n.getTime()) > 6 * ne;
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
var D = 6e4, ne = 1440 * D;
function re(e, t) {
	let n = Date.parse(e) - t.getTime(), r = Math.max(1, Math.round(Math.abs(n) / D)), i = Math.floor(r / 1440), a = Math.floor(r % 1440 / 60), o = (i ? [`${i} d`, a ? `${a} h` : ""] : a ? [`${a} h`, `${r % 60} min`] : [`${r} min`]).filter(Boolean).join(" ");
	return n >= 0 ? `in ${o}` : `${o} ago`;
}
function ie(e) {
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
function O(e, t) {
	let n = (t) => e.rows.filter((e) => e.lane === t).length, r = e.rows.filter((e) => e.began && !e.ended).length, i = [r === 1 ? "1 release runs" : `${r || "no"} releases run`], a = n("needs you");
	i.push(a === 1 ? "1 waits for you" : `${a || "none"} wait for you`);
	let o = e.rows.filter((e) => e.opens && Date.parse(e.opens) > t.getTime());
	o.sort((e, t) => Date.parse(e.opens ?? "") - Date.parse(t.opens ?? ""));
	let s = o[0];
	return s?.opens && i.push(`next opening ${E(s.opens, s.timezone, t)}`), i.join(" · ");
}
function k(e) {
	let t = `/dags/${encodeURIComponent(e.plan)}`;
	return e.run ? `${t}/runs/${encodeURIComponent(e.run)}` : t;
}
function A(e) {
	let t = `deployplan/m/${encodeURIComponent(e.plan)}/${encodeURIComponent(e.run ?? "")}`;
	return e.question && e.run ? new URL(t, document.baseURI).href : null;
}
function j(e) {
	return e.question && e.run ? `${k(e)}/tasks/${encodeURIComponent(e.question.task)}/required_actions` : null;
}
// \0host:react/jsx-runtime
var M = globalThis.ReactJSXRuntime ?? {}, N = M.Fragment, P = M.jsx, F = M.jsxs, I = [
	"environment",
	"product",
	"person"
];
function ae() {
	let [e, t] = y(), [n, r, i] = I.map((t) => e.get(t) ?? "");
	return [{
		environment: n,
		product: r,
		person: i
	}, (e, n) => {
		let r = new URLSearchParams(location.search);
		n ? r.set(e, n) : r.delete(e), t(r, { replace: !0 });
	}];
}
function oe(e) {
	let { rows: t, filter: n, choose: r } = e, i = {
		environment: w(t, (e) => [e.environment]),
		product: w(t, (e) => [e.product]),
		person: w(t, C)
	};
	return /* @__PURE__ */ P(l, {
		gap: "3",
		wrap: "wrap",
		children: I.map((e) => /* @__PURE__ */ F(s, {
			fontSize: "sm",
			children: [/* @__PURE__ */ F("label", {
				htmlFor: `deployplan-${e}`,
				children: [e, " "]
			}), /* @__PURE__ */ F(p.select, {
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
				children: [/* @__PURE__ */ P("option", {
					value: "",
					children: "all"
				}), [.../* @__PURE__ */ new Set([...i[e], ...n[e] ? [n[e]] : []])].map((e) => /* @__PURE__ */ P("option", {
					value: e,
					children: e
				}, e))]
			})]
		}, e))
	});
}
// src/poll.ts
var se = 5e3, L = 1e3, R = class {
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
			let t = await fetch(x(this.path), {
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
				problem: await B(e)
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
		this.timer = setTimeout(() => void this.refresh(), e ? L : Math.min(...this.listeners.values()));
	}
};
function z(e, t = se) {
	let [n, a] = i(e.known);
	return r(() => e.follow(a, t), [e, t]), n;
}
async function B(e) {
	try {
		let { detail: t } = await e.json();
		if (typeof t == "string") return t;
	} catch {}
	return `Airflow answered ${e.status}`;
}
// src/store.ts
var V = new R("tonight", (e) => e.unread > 0);
function H() {
	return V.refresh();
}
function U(e) {
	return z(V, e);
}
function W() {
	let [e, t] = i(() => /* @__PURE__ */ new Date());
	return r(() => {
		let e = setInterval(() => t(/* @__PURE__ */ new Date()), 3e4);
		return () => clearInterval(e);
	}, []), e;
}
async function G(e, t) {
	try {
		let n = await fetch(x(e), {
			method: "POST",
			credentials: "same-origin",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ reason: t })
		});
		return n.ok ? (await H(), null) : await B(n);
	} catch (e) {
		return `Airflow does not answer: ${e instanceof Error ? e.message : String(e)}`;
	}
}
// src/HoldForm.tsx
function K({ found: e }) {
	let [t, n] = i(!1), [r, a] = i(""), [o, u] = i(null), [p, m] = i(!1), h = e.hold ? "resume" : "hold";
	if (!e.may.hold) return null;
	let g = async () => {
		m(!0);
		let e = await G(h, r);
		m(!1), u(e), e === null && (a(""), n(!1));
	};
	return t ? /* @__PURE__ */ F(s, {
		as: "form",
		borderWidth: "1px",
		borderRadius: "md",
		p: "3",
		width: "100%",
		onSubmit: (e) => {
			e.preventDefault(), g();
		},
		children: [
			/* @__PURE__ */ P(f, {
				fontSize: "sm",
				mb: "2",
				children: h === "hold" ? "No plan will start a new wave and no window will open, until somebody resumes. What runs goes on; no backout is held." : "All plans go on from where they are."
			}),
			/* @__PURE__ */ F(l, {
				gap: "2",
				wrap: "wrap",
				align: "center",
				children: [
					/* @__PURE__ */ P("label", {
						htmlFor: "deployplan-why",
						children: "Why?"
					}),
					/* @__PURE__ */ P(d, {
						id: "deployplan-why",
						value: r,
						maxLength: 1e3,
						required: !0,
						autoFocus: !0,
						flex: "1 1 12rem",
						onChange: (e) => a(e.target.value)
					}),
					/* @__PURE__ */ P(c, {
						type: "submit",
						size: "sm",
						disabled: p || !r.trim(),
						children: h === "hold" ? "Hold all" : "Resume all"
					}),
					/* @__PURE__ */ P(c, {
						type: "button",
						size: "sm",
						variant: "ghost",
						onClick: () => n(!1),
						children: "Cancel"
					})
				]
			}),
			o && /* @__PURE__ */ P(f, {
				role: "alert",
				mt: "2",
				fontSize: "sm",
				children: o
			})
		]
	}) : /* @__PURE__ */ P(c, {
		variant: "outline",
		size: "sm",
		onClick: () => n(!0),
		children: h === "hold" ? "Hold all…" : "Resume all…"
	});
}
// src/Problem.tsx
function ce({ seen: e }) {
	if (e.problem === null) return null;
	let t = encodeURIComponent(location.href);
	return /* @__PURE__ */ F(s, {
		role: "alert",
		borderLeftWidth: "4px",
		borderLeftColor: "red.solid",
		pl: "2",
		my: "2",
		children: [/* @__PURE__ */ F(f, {
			overflowWrap: "anywhere",
			children: [e.problem, e.found !== null && " What is shown below may be out of date."]
		}), e.signedOut && /* @__PURE__ */ P("a", {
			href: new URL(`api/v2/auth/login?next=${t}`, document.baseURI).href,
			style: { textDecoration: "underline" },
			children: "Log in again"
		})]
	});
}
// src/NodeBar.tsx
var q = {
	done: "green.solid",
	working: "blue.solid",
	failed: "red.solid",
	unknown: "purple.solid",
	"left out": "orange.solid",
	undone: "gray.solid",
	"not started": "border.emphasized"
}, le = Object.keys(q);
function ue({ row: e }) {
	let t = le.flatMap((t) => {
		let n = e.nodes[t];
		return n ? [{
			standing: t,
			count: n
		}] : [];
	});
	if (t.length === 0) return null;
	let n = t.map(({ standing: e, count: t }) => `${t} ${e}`).join(" · ");
	return /* @__PURE__ */ F(s, { children: [/* @__PURE__ */ P(l, {
		height: "2",
		borderRadius: "full",
		overflow: "hidden",
		gap: "1px",
		"aria-hidden": "true",
		children: t.map(({ standing: e, count: t }) => /* @__PURE__ */ P(s, {
			flexGrow: t,
			flexBasis: "0",
			minWidth: "4px",
			bg: q[e]
		}, e))
	}), /* @__PURE__ */ F(f, {
		fontSize: "sm",
		mt: "1",
		children: [
			/* @__PURE__ */ P(s, {
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
function de({ row: e }) {
	let t = e.phase?.number ?? 0, n = e.phase ? `${t} of ${S.length}: ${e.phase.name}` : e.damaged ? "not known" : "planned", r = t === 5 || (e.nodes.undone ?? 0) > 0, i = (e) => e <= t && (e !== 5 || r);
	return /* @__PURE__ */ F(l, {
		align: "center",
		gap: "2",
		fontSize: "sm",
		children: [/* @__PURE__ */ P(l, {
			gap: "1",
			"aria-hidden": "true",
			children: S.map((e, n) => /* @__PURE__ */ P(s, {
				width: n + 1 === t ? "5" : "2.5",
				height: "2.5",
				borderRadius: "full",
				borderWidth: "1px",
				borderColor: i(n + 1) ? "blue.solid" : "border.emphasized",
				bg: i(n + 1) ? "blue.solid" : "transparent"
			}, e))
		}), /* @__PURE__ */ F("span", { children: ["Phase ", n] })]
	});
}
// src/RowCard.tsx
var fe = {
	"needs you": "orange.solid",
	running: "blue.solid",
	waiting: "gray.solid",
	"next 7 days": "border.emphasized"
}, pe = /* @__PURE__ */ new Set([
	"backout_failed",
	"unknown",
	"missed",
	"window_missed"
]), me = /* @__PURE__ */ new Set([
	"success",
	"success_with_issues",
	"nothing_to_do"
]);
function he(e) {
	return e.damaged || pe.has(e.outcome ?? "") ? "red.solid" : me.has(e.outcome ?? "") ? "green.solid" : fe[e.lane] ?? "gray.solid";
}
var ge = n(function({ row: e, now: t }) {
	let n = j(e);
	return /* @__PURE__ */ P(s, {
		as: "article",
		borderWidth: "1px",
		borderColor: "border",
		borderLeftWidth: "4px",
		borderLeftColor: he(e),
		borderRadius: "md",
		p: "3",
		"aria-label": `${e.plan}${e.run ? `, run ${e.run}` : ""}`,
		children: /* @__PURE__ */ F(l, {
			direction: {
				base: "column",
				lg: "row"
			},
			gap: {
				base: "2",
				lg: "6"
			},
			children: [
				/* @__PURE__ */ F(s, {
					flex: "2 1 0",
					minWidth: "0",
					children: [
						/* @__PURE__ */ P(u, {
							as: "h3",
							size: "sm",
							overflowWrap: "anywhere",
							children: /* @__PURE__ */ P(h, {
								to: k(e),
								style: { textDecoration: "underline" },
								children: e.plan
							})
						}),
						/* @__PURE__ */ P(f, {
							fontSize: "sm",
							color: "fg.muted",
							overflowWrap: "anywhere",
							children: [
								e.product && e.release ? `${e.product} ${e.release}` : e.product,
								e.environment,
								e.owner && `by ${e.owner}`
							].filter(Boolean).join(" · ")
						}),
						/* @__PURE__ */ F(f, {
							mt: "1",
							overflowWrap: "anywhere",
							"data-testid": "sentence",
							children: [
								e.damaged && /* @__PURE__ */ P("strong", { children: "Damaged record: " }),
								e.outcome && !e.damaged && /* @__PURE__ */ F("strong", { children: [e.outcome.replaceAll("_", " "), ": "] }),
								e.sentence
							]
						}),
						n && /* @__PURE__ */ F(f, {
							mt: "2",
							children: [
								/* @__PURE__ */ P("a", {
									href: A(e) ?? void 0,
									style: {
										textDecoration: "underline",
										fontWeight: 600
									},
									children: e.may.answer ? "Answer" : "See the question"
								}),
								" ",
								"(",
								/* @__PURE__ */ P(h, {
									to: n,
									style: { textDecoration: "underline" },
									children: "in Airflow"
								}),
								")",
								" ",
								/* @__PURE__ */ F(s, {
									as: "span",
									fontSize: "sm",
									color: "fg.muted",
									children: ["asked: ", e.question?.people.join(", ")]
								})
							]
						})
					]
				}),
				/* @__PURE__ */ F(s, {
					flex: "1 1 0",
					minWidth: "0",
					children: [/* @__PURE__ */ P(de, { row: e }), /* @__PURE__ */ P(s, {
						mt: "2",
						children: /* @__PURE__ */ P(ue, { row: e })
					})]
				}),
				/* @__PURE__ */ P(s, {
					flex: "1 1 0",
					minWidth: "0",
					fontSize: "sm",
					children: /* @__PURE__ */ P(_e, {
						row: e,
						now: t
					})
				})
			]
		})
	});
});
function _e({ row: e, now: t }) {
	let n = ie(e), { seats: r, budget: i, wave: a } = e;
	return /* @__PURE__ */ F(s, {
		as: "dl",
		display: "grid",
		gridTemplateColumns: "auto 1fr",
		columnGap: "3",
		rowGap: "1",
		m: "0",
		children: [
			n && /* @__PURE__ */ F(J, {
				what: n.what,
				children: [
					T(n.at, void 0, t),
					", ",
					re(n.at, t),
					T(n.at, e.timezone, t) !== T(n.at, void 0, t) && /* @__PURE__ */ P(s, {
						as: "span",
						color: "fg.muted",
						children: `; ${E(n.at, e.timezone, t)}`
					})
				]
			}),
			a && e.phase && !e.ended && /* @__PURE__ */ F(J, {
				what: "wave",
				children: [
					a.number,
					" of ",
					a.of,
					", ",
					a.title
				]
			}),
			r && !e.ended && /* @__PURE__ */ F(J, {
				what: "approval",
				children: [
					r.taken,
					" of ",
					r.of,
					r.by.length > 0 && ` (${r.by.join(", ")})`,
					r.missing.length > 0 && `, missing: ${r.missing.join(" or ")}`
				]
			}),
			i && e.began && /* @__PURE__ */ F(J, {
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
function J({ what: e, children: t }) {
	return /* @__PURE__ */ F(N, { children: [/* @__PURE__ */ P(s, {
		as: "dt",
		color: "fg.muted",
		children: e
	}), /* @__PURE__ */ P(s, {
		as: "dd",
		m: "0",
		overflowWrap: "anywhere",
		children: t
	})] });
}
// src/Releases.tsx
var ve = {
	"needs you": "Needs you",
	running: "Running",
	waiting: "Waiting",
	"next 7 days": "Next 7 days",
	"ended in 24 h": "Ended in 24 hours"
};
function ye() {
	let e = U(), t = W();
	return /* @__PURE__ */ F(N, { children: [
		/* @__PURE__ */ P(u, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Releases"
		}),
		/* @__PURE__ */ P(ce, { seen: e }),
		e.found === null ? e.problem === null && /* @__PURE__ */ P(f, {
			role: "status",
			children: "Reading plans and records…"
		}) : /* @__PURE__ */ P(be, {
			found: e.found,
			now: t
		})
	] });
}
function be({ found: e, now: t }) {
	let [n, r] = ae(), i = te(e.rows, n);
	return /* @__PURE__ */ F(N, { children: [
		/* @__PURE__ */ P(f, { children: O(e, t) }),
		e.hold && /* @__PURE__ */ F(f, {
			role: "status",
			fontWeight: "semibold",
			borderLeftWidth: "4px",
			borderLeftColor: "orange.solid",
			pl: "2",
			my: "2",
			children: ["Everything is ", e.hold.sentence]
		}),
		/* @__PURE__ */ P(xe, { found: e }),
		/* @__PURE__ */ F(l, {
			gap: "4",
			my: "3",
			wrap: "wrap",
			align: "center",
			justify: "space-between",
			children: [/* @__PURE__ */ P(oe, {
				rows: e.rows,
				filter: n,
				choose: r
			}), /* @__PURE__ */ P(K, { found: e })]
		}),
		e.lanes.map((e) => /* @__PURE__ */ P(Se, {
			lane: e,
			rows: i.filter((t) => t.lane === e),
			now: t
		}, e))
	] });
}
function xe({ found: e }) {
	return [e.unread > 0 && `Still reading: ${e.unread} runs or plan files.`, e.rejected > 0 && `Not shown: ${e.rejected} plan files with problems; see Airflow's import errors, or deployplan lint.`].filter((e) => !!e).map((e) => /* @__PURE__ */ P(f, {
		fontSize: "sm",
		color: "fg.muted",
		role: "status",
		children: e
	}, e));
}
function Se({ lane: e, rows: t, now: n }) {
	let r = `lane-${e.replaceAll(" ", "-")}`;
	return /* @__PURE__ */ F(s, {
		as: "section",
		"aria-labelledby": r,
		mt: "4",
		children: [/* @__PURE__ */ F(u, {
			as: "h2",
			size: "md",
			id: r,
			children: [
				ve[e],
				" (",
				t.length,
				")"
			]
		}), t.length === 0 ? /* @__PURE__ */ P(f, {
			fontSize: "sm",
			color: "fg.muted",
			children: "nothing"
		}) : /* @__PURE__ */ P(l, {
			as: "ul",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: t.map((e) => /* @__PURE__ */ P(s, {
				as: "li",
				children: /* @__PURE__ */ P(ge, {
					row: e,
					now: n
				})
			}, `${e.plan}/${e.run}`))
		})]
	});
}
// src/pages.tsx
var Y = [{
	path: "",
	label: "Releases",
	Component: ye
}];
function Ce() {
	return /* @__PURE__ */ F(s, {
		as: "main",
		p: {
			base: "3",
			md: "6"
		},
		maxWidth: "1600px",
		width: "100%",
		overflowY: "auto",
		children: [/* @__PURE__ */ P(X, {}), /* @__PURE__ */ F(ee, { children: [Y.map(({ path: e, Component: t }) => /* @__PURE__ */ P(_, {
			path: e,
			element: /* @__PURE__ */ P(we, { Component: t })
		}, e)), /* @__PURE__ */ P(_, {
			path: "*",
			element: /* @__PURE__ */ P(Te, {})
		})] })]
	});
}
function X() {
	let e = Y.filter((e) => e.label);
	return e.length < 2 ? null : /* @__PURE__ */ P(s, {
		as: "nav",
		"aria-label": "Pages of deployplan",
		display: "flex",
		flexWrap: "wrap",
		gap: "4",
		mb: "3",
		borderBottomWidth: "1px",
		borderColor: "border",
		children: e.map(({ path: e, label: t }) => /* @__PURE__ */ P(g, {
			to: e ? `${b}/${e}` : b,
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
function we({ Component: e }) {
	let { pathname: t } = v();
	return /* @__PURE__ */ P(a, {
		instead: "This page broke; the others stand. `deployplan status` and `deployplan nodes` tell the same.",
		children: /* @__PURE__ */ P(e, {})
	}, t);
}
function Te() {
	let { pathname: e } = v();
	return /* @__PURE__ */ F("p", {
		role: "status",
		children: [
			"There is no page ",
			e,
			"."
		]
	});
}
// src/Strip.tsx
function Ee() {
	let { found: e } = U(1e4), t = W();
	return e === null ? null : /* @__PURE__ */ F(s, {
		borderWidth: "1px",
		borderRadius: "md",
		px: "3",
		py: "2",
		mb: "3",
		children: [
			/* @__PURE__ */ P(h, {
				to: "/plugin/releases",
				style: { textDecoration: "underline" },
				children: "Releases"
			}),
			": ",
			O(e, t)
		]
	});
}
function De() {
	let { found: e } = U(15e3);
	if (e === null) return null;
	let t = e.rows.filter((e) => e.outcome === "backout_failed");
	return e.hold === null && t.length === 0 ? null : /* @__PURE__ */ F(s, {
		role: "status",
		borderLeftWidth: "4px",
		borderLeftColor: "red.solid",
		bg: "bg.muted",
		px: "3",
		py: "1",
		fontSize: "sm",
		children: [e.hold && /* @__PURE__ */ F("div", { children: ["Everything is ", e.hold.sentence] }), t.map((e) => /* @__PURE__ */ F("div", { children: [
			"Backout failed: ",
			e.plan,
			": ",
			e.sentence
		] }, `${e.plan}/${e.run}`))]
	});
}
// src/main.tsx
var Z = "The page of releases broke; `deployplan status` tells the same.", Q = globalThis, Oe = {
	Releases: [Ce, Z],
	"Deployplan strip": [Ee, null],
	"Deployplan banner": [De, null]
}, $ = [
	"React",
	"ReactDOM",
	"ReactJSXRuntime",
	"ReactRouterDOM",
	"ChakraUI"
].filter((e) => Q[e] === void 0);
for (let [e, [t, n]] of Object.entries(Oe)) Q[e] = $.length > 0 ? () => n && `This Airflow gives plugins no ${$.join(", ")}. ${Z}` : () => /* @__PURE__ */ P(a, {
	instead: n,
	children: /* @__PURE__ */ P(t, {})
});
