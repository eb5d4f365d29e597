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
}, o = globalThis.ChakraUI ?? {}, s = o.Box, c = o.Button, l = o.Flex, u = o.Heading, d = o.Input, f = o.Text, p = o.chakra, m = globalThis.ReactRouterDOM ?? {}, h = m.Link, g = m.useSearchParams, _ = [
	"review",
	"window",
	"deploy",
	"verify",
	"backout",
	"outcome"
];
function v(e, t) {
	return e.filter((e) => (!t.environment || e.environment === t.environment) && (!t.product || e.product === t.product) && (!t.person || y(e).includes(t.person)));
}
function y(e) {
	let { question: t, seats: n, owner: r } = e;
	return [.../* @__PURE__ */ new Set([
		...t?.people ?? [],
		...n?.by ?? [],
		...n?.missing ?? [],
		...r ? [r] : []
	])];
}
function b(e, t) {
	return [...new Set(e.flatMap(t).filter((e) => !!e))].sort();
}
function x(e, t, n) {
	let r = new Date(e), i = (e) => e.toLocaleDateString("en-CA", { timeZone: t }), a = Math.abs(r.getTime() - n.getTime()) > 6 * ee;
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
function S(e, t, n) {
	let r = x(e, t, n);
	return r.endsWith(` ${t}`) ? r : `${r} (${t})`;
}
var C = 6e4, ee = 1440 * C;
function te(e, t) {
	let n = Date.parse(e) - t.getTime(), r = Math.max(1, Math.round(Math.abs(n) / C)), i = Math.floor(r / 1440), a = Math.floor(r % 1440 / 60), o = (i ? [`${i} d`, a ? `${a} h` : ""] : a ? [`${a} h`, `${r % 60} min`] : [`${r} min`]).filter(Boolean).join(" ");
	return n >= 0 ? `in ${o}` : `${o} ago`;
}
function w(e) {
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
function T(e, t) {
	let n = (t) => e.rows.filter((e) => e.lane === t).length, r = e.rows.filter((e) => e.began && !e.ended).length, i = [r === 1 ? "1 release runs" : `${r || "no"} releases run`], a = n("needs you");
	i.push(a === 1 ? "1 waits for you" : `${a || "none"} wait for you`);
	let o = e.rows.filter((e) => e.opens && Date.parse(e.opens) > t.getTime());
	o.sort((e, t) => Date.parse(e.opens ?? "") - Date.parse(t.opens ?? ""));
	let s = o[0];
	return s?.opens && i.push(`next opening ${S(s.opens, s.timezone, t)}`), i.join(" · ");
}
function E(e) {
	let t = `/dags/${encodeURIComponent(e.plan)}`;
	return e.run ? `${t}/runs/${encodeURIComponent(e.run)}` : t;
}
function D(e) {
	let t = `deployplan/m/${encodeURIComponent(e.plan)}/${encodeURIComponent(e.run ?? "")}`;
	return e.question && e.run ? new URL(t, document.baseURI).href : null;
}
function ne(e) {
	return e.question && e.run ? `${E(e)}/tasks/${encodeURIComponent(e.question.task)}/required_actions` : null;
}
// \0host:react/jsx-runtime
var O = globalThis.ReactJSXRuntime ?? {}, k = O.Fragment, A = O.jsx, j = O.jsxs, M = [
	"environment",
	"product",
	"person"
];
function re() {
	let [e, t] = g(), [n, r, i] = M.map((t) => e.get(t) ?? "");
	return [{
		environment: n,
		product: r,
		person: i
	}, (e, n) => {
		let r = new URLSearchParams(location.search);
		n ? r.set(e, n) : r.delete(e), t(r, { replace: !0 });
	}];
}
function ie(e) {
	let { rows: t, filter: n, choose: r } = e, i = {
		environment: b(t, (e) => [e.environment]),
		product: b(t, (e) => [e.product]),
		person: b(t, y)
	};
	return /* @__PURE__ */ A(l, {
		gap: "3",
		wrap: "wrap",
		children: M.map((e) => /* @__PURE__ */ j(s, {
			fontSize: "sm",
			children: [/* @__PURE__ */ j("label", {
				htmlFor: `deployplan-${e}`,
				children: [e, " "]
			}), /* @__PURE__ */ j(p.select, {
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
				children: [/* @__PURE__ */ A("option", {
					value: "",
					children: "all"
				}), [.../* @__PURE__ */ new Set([...i[e], ...n[e] ? [n[e]] : []])].map((e) => /* @__PURE__ */ A("option", {
					value: e,
					children: e
				}, e))]
			})]
		}, e))
	});
}
// src/store.ts
var ae = 5e3, N = 1e3, P = {
	found: null,
	problem: null,
	signedOut: !1
}, F = null, I, L, R = /* @__PURE__ */ new Map();
function z(e) {
	return new URL(`deployplan/api/v1/${e}`, document.baseURI).href;
}
function B(e) {
	P = e;
	for (let t of R.keys()) t(e);
}
async function V() {
	clearTimeout(I), L?.abort();
	let e = L = new AbortController();
	try {
		let t = await fetch(z("tonight"), {
			cache: "no-store",
			credentials: "same-origin",
			headers: F ? { "If-None-Match": F } : {},
			signal: e.signal
		});
		if (t.status === 200) {
			let e = await t.json();
			F = t.headers.get("ETag"), B({
				found: e,
				problem: null,
				signedOut: !1
			});
		} else if (t.status === 304) P.problem && B({
			...P,
			problem: null,
			signedOut: !1
		});
		else {
			let e = t.status === 401 || t.status === 403;
			B({
				...P,
				signedOut: e,
				problem: await H(t)
			});
		}
	} catch (t) {
		if (e.signal.aborted) return;
		B({
			...P,
			problem: `Airflow does not answer: ${t instanceof Error ? t.message : String(t)}`
		});
	}
	e.signal.aborted || U();
}
async function H(e) {
	try {
		let { detail: t } = await e.json();
		if (typeof t == "string") return t;
	} catch {}
	return `Airflow answered ${e.status}`;
}
function U() {
	if (clearTimeout(I), R.size === 0 || document.hidden) return;
	let e = P.found?.unread ? N : Math.min(...R.values());
	I = setTimeout(() => void V(), e);
}
function W(e = ae) {
	let [t, n] = i(P);
	return r(() => {
		let t = R.size === 0, r = () => document.hidden ? clearTimeout(I) : void V();
		return R.set(n, e), n(P), t ? V() : U(), document.addEventListener("visibilitychange", r), () => {
			document.removeEventListener("visibilitychange", r), R.delete(n), R.size === 0 && clearTimeout(I);
		};
	}, [e]), t;
}
function G() {
	let [e, t] = i(() => /* @__PURE__ */ new Date());
	return r(() => {
		let e = setInterval(() => t(/* @__PURE__ */ new Date()), 3e4);
		return () => clearInterval(e);
	}, []), e;
}
async function K(e, t) {
	try {
		let n = await fetch(z(e), {
			method: "POST",
			credentials: "same-origin",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ reason: t })
		});
		return n.ok ? (await V(), null) : await H(n);
	} catch (e) {
		return `Airflow does not answer: ${e instanceof Error ? e.message : String(e)}`;
	}
}
// src/HoldForm.tsx
function q({ found: e }) {
	let [t, n] = i(!1), [r, a] = i(""), [o, u] = i(null), [p, m] = i(!1), h = e.hold ? "resume" : "hold";
	if (!e.may.hold) return null;
	let g = async () => {
		m(!0);
		let e = await K(h, r);
		m(!1), u(e), e === null && (a(""), n(!1));
	};
	return t ? /* @__PURE__ */ j(s, {
		as: "form",
		borderWidth: "1px",
		borderRadius: "md",
		p: "3",
		width: "100%",
		onSubmit: (e) => {
			e.preventDefault(), g();
		},
		children: [
			/* @__PURE__ */ A(f, {
				fontSize: "sm",
				mb: "2",
				children: h === "hold" ? "No plan will start a new wave and no window will open, until somebody resumes. What runs goes on; no backout is held." : "All plans go on from where they are."
			}),
			/* @__PURE__ */ j(l, {
				gap: "2",
				wrap: "wrap",
				align: "center",
				children: [
					/* @__PURE__ */ A("label", {
						htmlFor: "deployplan-why",
						children: "Why?"
					}),
					/* @__PURE__ */ A(d, {
						id: "deployplan-why",
						value: r,
						maxLength: 1e3,
						required: !0,
						autoFocus: !0,
						flex: "1 1 12rem",
						onChange: (e) => a(e.target.value)
					}),
					/* @__PURE__ */ A(c, {
						type: "submit",
						size: "sm",
						disabled: p || !r.trim(),
						children: h === "hold" ? "Hold all" : "Resume all"
					}),
					/* @__PURE__ */ A(c, {
						type: "button",
						size: "sm",
						variant: "ghost",
						onClick: () => n(!1),
						children: "Cancel"
					})
				]
			}),
			o && /* @__PURE__ */ A(f, {
				role: "alert",
				mt: "2",
				fontSize: "sm",
				children: o
			})
		]
	}) : /* @__PURE__ */ A(c, {
		variant: "outline",
		size: "sm",
		onClick: () => n(!0),
		children: h === "hold" ? "Hold all…" : "Resume all…"
	});
}
// src/Problem.tsx
function oe({ seen: e }) {
	if (e.problem === null) return null;
	let t = encodeURIComponent(location.href);
	return /* @__PURE__ */ j(s, {
		role: "alert",
		borderLeftWidth: "4px",
		borderLeftColor: "red.solid",
		pl: "2",
		my: "2",
		children: [/* @__PURE__ */ j(f, {
			overflowWrap: "anywhere",
			children: [e.problem, e.found !== null && " What is shown below may be out of date."]
		}), e.signedOut && /* @__PURE__ */ A("a", {
			href: new URL(`api/v2/auth/login?next=${t}`, document.baseURI).href,
			style: { textDecoration: "underline" },
			children: "Log in again"
		})]
	});
}
// src/NodeBar.tsx
var J = {
	done: "green.solid",
	working: "blue.solid",
	failed: "red.solid",
	unknown: "purple.solid",
	"left out": "orange.solid",
	undone: "gray.solid",
	"not started": "border.emphasized"
}, se = Object.keys(J);
function ce({ row: e }) {
	let t = se.flatMap((t) => {
		let n = e.nodes[t];
		return n ? [{
			standing: t,
			count: n
		}] : [];
	});
	if (t.length === 0) return null;
	let n = t.map(({ standing: e, count: t }) => `${t} ${e}`).join(" · ");
	return /* @__PURE__ */ j(s, { children: [/* @__PURE__ */ A(l, {
		height: "2",
		borderRadius: "full",
		overflow: "hidden",
		gap: "1px",
		"aria-hidden": "true",
		children: t.map(({ standing: e, count: t }) => /* @__PURE__ */ A(s, {
			flexGrow: t,
			flexBasis: "0",
			minWidth: "4px",
			bg: J[e]
		}, e))
	}), /* @__PURE__ */ j(f, {
		fontSize: "sm",
		mt: "1",
		children: [
			/* @__PURE__ */ A(s, {
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
function le({ row: e }) {
	let t = e.phase?.number ?? 0, n = e.phase ? `${t} of ${_.length}: ${e.phase.name}` : e.damaged ? "not known" : "planned", r = t === 5 || (e.nodes.undone ?? 0) > 0, i = (e) => e <= t && (e !== 5 || r);
	return /* @__PURE__ */ j(l, {
		align: "center",
		gap: "2",
		fontSize: "sm",
		children: [/* @__PURE__ */ A(l, {
			gap: "1",
			"aria-hidden": "true",
			children: _.map((e, n) => /* @__PURE__ */ A(s, {
				width: n + 1 === t ? "5" : "2.5",
				height: "2.5",
				borderRadius: "full",
				borderWidth: "1px",
				borderColor: i(n + 1) ? "blue.solid" : "border.emphasized",
				bg: i(n + 1) ? "blue.solid" : "transparent"
			}, e))
		}), /* @__PURE__ */ j("span", { children: ["Phase ", n] })]
	});
}
// src/RowCard.tsx
var ue = {
	"needs you": "orange.solid",
	running: "blue.solid",
	waiting: "gray.solid",
	"next 7 days": "border.emphasized"
}, de = /* @__PURE__ */ new Set([
	"backout_failed",
	"unknown",
	"missed",
	"window_missed"
]), fe = /* @__PURE__ */ new Set([
	"success",
	"success_with_issues",
	"nothing_to_do"
]);
function pe(e) {
	return e.damaged || de.has(e.outcome ?? "") ? "red.solid" : fe.has(e.outcome ?? "") ? "green.solid" : ue[e.lane] ?? "gray.solid";
}
var me = n(function({ row: e, now: t }) {
	let n = ne(e);
	return /* @__PURE__ */ A(s, {
		as: "article",
		borderWidth: "1px",
		borderColor: "border",
		borderLeftWidth: "4px",
		borderLeftColor: pe(e),
		borderRadius: "md",
		p: "3",
		"aria-label": `${e.plan}${e.run ? `, run ${e.run}` : ""}`,
		children: /* @__PURE__ */ j(l, {
			direction: {
				base: "column",
				lg: "row"
			},
			gap: {
				base: "2",
				lg: "6"
			},
			children: [
				/* @__PURE__ */ j(s, {
					flex: "2 1 0",
					minWidth: "0",
					children: [
						/* @__PURE__ */ A(u, {
							as: "h3",
							size: "sm",
							overflowWrap: "anywhere",
							children: /* @__PURE__ */ A(h, {
								to: E(e),
								style: { textDecoration: "underline" },
								children: e.plan
							})
						}),
						/* @__PURE__ */ A(f, {
							fontSize: "sm",
							color: "fg.muted",
							overflowWrap: "anywhere",
							children: [
								e.product && e.release ? `${e.product} ${e.release}` : e.product,
								e.environment,
								e.owner && `by ${e.owner}`
							].filter(Boolean).join(" · ")
						}),
						/* @__PURE__ */ j(f, {
							mt: "1",
							overflowWrap: "anywhere",
							"data-testid": "sentence",
							children: [
								e.damaged && /* @__PURE__ */ A("strong", { children: "Damaged record: " }),
								e.outcome && !e.damaged && /* @__PURE__ */ j("strong", { children: [e.outcome.replaceAll("_", " "), ": "] }),
								e.sentence
							]
						}),
						n && /* @__PURE__ */ j(f, {
							mt: "2",
							children: [
								/* @__PURE__ */ A("a", {
									href: D(e) ?? void 0,
									style: {
										textDecoration: "underline",
										fontWeight: 600
									},
									children: e.may.answer ? "Answer" : "See the question"
								}),
								" ",
								"(",
								/* @__PURE__ */ A(h, {
									to: n,
									style: { textDecoration: "underline" },
									children: "in Airflow"
								}),
								")",
								" ",
								/* @__PURE__ */ j(s, {
									as: "span",
									fontSize: "sm",
									color: "fg.muted",
									children: ["asked: ", e.question?.people.join(", ")]
								})
							]
						})
					]
				}),
				/* @__PURE__ */ j(s, {
					flex: "1 1 0",
					minWidth: "0",
					children: [/* @__PURE__ */ A(le, { row: e }), /* @__PURE__ */ A(s, {
						mt: "2",
						children: /* @__PURE__ */ A(ce, { row: e })
					})]
				}),
				/* @__PURE__ */ A(s, {
					flex: "1 1 0",
					minWidth: "0",
					fontSize: "sm",
					children: /* @__PURE__ */ A(he, {
						row: e,
						now: t
					})
				})
			]
		})
	});
});
function he({ row: e, now: t }) {
	let n = w(e), { seats: r, budget: i, wave: a } = e;
	return /* @__PURE__ */ j(s, {
		as: "dl",
		display: "grid",
		gridTemplateColumns: "auto 1fr",
		columnGap: "3",
		rowGap: "1",
		m: "0",
		children: [
			n && /* @__PURE__ */ j(Y, {
				what: n.what,
				children: [
					x(n.at, void 0, t),
					", ",
					te(n.at, t),
					x(n.at, e.timezone, t) !== x(n.at, void 0, t) && /* @__PURE__ */ A(s, {
						as: "span",
						color: "fg.muted",
						children: `; ${S(n.at, e.timezone, t)}`
					})
				]
			}),
			a && e.phase && !e.ended && /* @__PURE__ */ j(Y, {
				what: "wave",
				children: [
					a.number,
					" of ",
					a.of,
					", ",
					a.title
				]
			}),
			r && !e.ended && /* @__PURE__ */ j(Y, {
				what: "approval",
				children: [
					r.taken,
					" of ",
					r.of,
					r.by.length > 0 && ` (${r.by.join(", ")})`,
					r.missing.length > 0 && `, missing: ${r.missing.join(" or ")}`
				]
			}),
			i && e.began && /* @__PURE__ */ j(Y, {
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
function Y({ what: e, children: t }) {
	return /* @__PURE__ */ j(k, { children: [/* @__PURE__ */ A(s, {
		as: "dt",
		color: "fg.muted",
		children: e
	}), /* @__PURE__ */ A(s, {
		as: "dd",
		m: "0",
		overflowWrap: "anywhere",
		children: t
	})] });
}
// src/Releases.tsx
var ge = {
	"needs you": "Needs you",
	running: "Running",
	waiting: "Waiting",
	"next 7 days": "Next 7 days",
	"ended in 24 h": "Ended in 24 hours"
};
function _e() {
	let e = W(), t = G();
	return /* @__PURE__ */ j(s, {
		as: "main",
		p: {
			base: "3",
			md: "6"
		},
		maxWidth: "1600px",
		width: "100%",
		overflowY: "auto",
		children: [
			/* @__PURE__ */ A(u, {
				as: "h1",
				size: "xl",
				mb: "1",
				children: "Releases"
			}),
			/* @__PURE__ */ A(oe, { seen: e }),
			e.found === null ? e.problem === null && /* @__PURE__ */ A(f, {
				role: "status",
				children: "Reading plans and records…"
			}) : /* @__PURE__ */ A(ve, {
				found: e.found,
				now: t
			})
		]
	});
}
function ve({ found: e, now: t }) {
	let [n, r] = re(), i = v(e.rows, n);
	return /* @__PURE__ */ j(k, { children: [
		/* @__PURE__ */ A(f, { children: T(e, t) }),
		e.hold && /* @__PURE__ */ j(f, {
			role: "status",
			fontWeight: "semibold",
			borderLeftWidth: "4px",
			borderLeftColor: "orange.solid",
			pl: "2",
			my: "2",
			children: ["Everything is ", e.hold.sentence]
		}),
		/* @__PURE__ */ A(ye, { found: e }),
		/* @__PURE__ */ j(l, {
			gap: "4",
			my: "3",
			wrap: "wrap",
			align: "center",
			justify: "space-between",
			children: [/* @__PURE__ */ A(ie, {
				rows: e.rows,
				filter: n,
				choose: r
			}), /* @__PURE__ */ A(q, { found: e })]
		}),
		e.lanes.map((e) => /* @__PURE__ */ A(X, {
			lane: e,
			rows: i.filter((t) => t.lane === e),
			now: t
		}, e))
	] });
}
function ye({ found: e }) {
	return [e.unread > 0 && `Still reading: ${e.unread} runs or plan files.`, e.rejected > 0 && `Not shown: ${e.rejected} plan files with problems; see Airflow's import errors, or deployplan lint.`].filter((e) => !!e).map((e) => /* @__PURE__ */ A(f, {
		fontSize: "sm",
		color: "fg.muted",
		role: "status",
		children: e
	}, e));
}
function X({ lane: e, rows: t, now: n }) {
	let r = `lane-${e.replaceAll(" ", "-")}`;
	return /* @__PURE__ */ j(s, {
		as: "section",
		"aria-labelledby": r,
		mt: "4",
		children: [/* @__PURE__ */ j(u, {
			as: "h2",
			size: "md",
			id: r,
			children: [
				ge[e],
				" (",
				t.length,
				")"
			]
		}), t.length === 0 ? /* @__PURE__ */ A(f, {
			fontSize: "sm",
			color: "fg.muted",
			children: "nothing"
		}) : /* @__PURE__ */ A(l, {
			as: "ul",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: t.map((e) => /* @__PURE__ */ A(s, {
				as: "li",
				children: /* @__PURE__ */ A(me, {
					row: e,
					now: n
				})
			}, `${e.plan}/${e.run}`))
		})]
	});
}
// src/Strip.tsx
function be() {
	let { found: e } = W(1e4), t = G();
	return e === null ? null : /* @__PURE__ */ j(s, {
		borderWidth: "1px",
		borderRadius: "md",
		px: "3",
		py: "2",
		mb: "3",
		children: [
			/* @__PURE__ */ A(h, {
				to: "/plugin/releases",
				style: { textDecoration: "underline" },
				children: "Releases"
			}),
			": ",
			T(e, t)
		]
	});
}
function xe() {
	let { found: e } = W(15e3);
	if (e === null) return null;
	let t = e.rows.filter((e) => e.outcome === "backout_failed");
	return e.hold === null && t.length === 0 ? null : /* @__PURE__ */ j(s, {
		role: "status",
		borderLeftWidth: "4px",
		borderLeftColor: "red.solid",
		bg: "bg.muted",
		px: "3",
		py: "1",
		fontSize: "sm",
		children: [e.hold && /* @__PURE__ */ j("div", { children: ["Everything is ", e.hold.sentence] }), t.map((e) => /* @__PURE__ */ j("div", { children: [
			"Backout failed: ",
			e.plan,
			": ",
			e.sentence
		] }, `${e.plan}/${e.run}`))]
	});
}
// src/main.tsx
var Z = "The page of releases broke; `deployplan status` tells the same.", Q = globalThis, Se = {
	Releases: [_e, Z],
	"Deployplan strip": [be, null],
	"Deployplan banner": [xe, null]
}, $ = [
	"React",
	"ReactDOM",
	"ReactJSXRuntime",
	"ReactRouterDOM",
	"ChakraUI"
].filter((e) => Q[e] === void 0);
for (let [e, [t, n]] of Object.entries(Se)) Q[e] = $.length > 0 ? () => n && `This Airflow gives plugins no ${$.join(", ")}. ${Z}` : () => /* @__PURE__ */ A(a, {
	instead: n,
	children: /* @__PURE__ */ A(t, {})
});
