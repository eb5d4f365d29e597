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
}, s = globalThis.ChakraUI ?? {}, c = s.Box, l = s.Button, u = s.Flex, d = s.Heading, f = s.Input, p = s.Text, m = s.chakra, h = globalThis.ReactRouterDOM ?? {}, g = h.Link, ee = h.NavLink, te = h.Route, ne = h.Routes, re = h.useLocation, ie = h.useParams, _ = h.useSearchParams, v = "/plugin/releases";
function y(...e) {
	return [v, ...e.map(encodeURIComponent)].join("/");
}
function b(e) {
	return new URL(`deployplan/api/v1/${e}`, document.baseURI).href;
}
// src/poll.ts
var ae = 5e3, oe = 1e3, se = class {
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
			let t = await fetch(b(this.path), {
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
function ce(e, t = ae) {
	let [n, i] = a(e.known);
	return r(() => e.follow(i, t), [e, t]), n;
}
function x(e, t = ae) {
	let [n, r] = a(() => ({
		path: e,
		poll: new se(e)
	})), i = n;
	return n.path !== e && (i = {
		path: e,
		poll: new se(e)
	}, r(i)), ce(i.poll, t);
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
		children: [/* @__PURE__ */ T(p, {
			overflowWrap: "anywhere",
			children: [e.problem, e.found !== null && " What is shown below may be out of date."]
		}), e.signedOut && /* @__PURE__ */ w("a", {
			href: new URL(`api/v2/auth/login?next=${t}`, document.baseURI).href,
			style: { textDecoration: "underline" },
			children: "Log in again"
		})]
	});
}
// src/calendar/calendar.ts
var ue = [
	"window",
	"freeze",
	"plan",
	"free"
], de = {
	window: "Windows",
	freeze: "Freezes",
	plan: "Releases",
	free: "Free slots"
};
function D(e) {
	return e.kind === "plan" ? e.plan?.conflict ? "⚠" : {
		deploying: "▶",
		held: "‖",
		released: "✓",
		missed: "✗",
		ended: "■",
		approved: "●"
	}[e.plan?.state ?? ""] ?? "◇" : {
		window: "▭",
		freeze: "❄",
		free: "○"
	}[e.kind];
}
function O(e) {
	return e.kind === "free" ? "free" : e.plan === null ? e.what : `${e.plan.name}, ${e.plan.state}`;
}
function fe(e, t, n) {
	let [r, i] = [Date.parse(t), Date.parse(n)], a = Math.max(Date.parse(e.start), r), o = Math.min(e.end === null ? i : Date.parse(e.end), i);
	return a >= i || o <= r ? null : {
		left: 100 * (a - r) / (i - r),
		width: 100 * Math.max(0, o - a) / (i - r)
	};
}
function pe(e, t) {
	let n = e.days[t]?.begins ?? e.end, r = e.days[t + 1]?.begins ?? e.end;
	return e.entries.filter((e) => fe(e, n, r) !== null);
}
function me(e, t = 0) {
	let n = [];
	for (let r of e) {
		let e = Date.parse(r.start), i = r.end === null ? Infinity : Math.max(Date.parse(r.end), e + t), a = n.find((t) => t.until <= e);
		a ? (a.entries.push(r), a.until = i) : n.push({
			entries: [r],
			until: i
		});
	}
	return n.map((e) => e.entries);
}
function k(e, t = !1) {
	let n = t ? {
		weekday: "long",
		day: "numeric",
		month: "long",
		year: "numeric",
		timeZone: "UTC"
	} : {
		weekday: "short",
		day: "numeric",
		month: "short",
		timeZone: "UTC"
	};
	return new Intl.DateTimeFormat("en-GB", n).format(/* @__PURE__ */ new Date(`${e}T00:00:00Z`));
}
function he(e) {
	let t = new URLSearchParams();
	for (let n of [
		"environment",
		"scale",
		"around",
		"zone"
	]) {
		let r = e.get(n);
		r && t.set(n, r);
	}
	let n = t.toString();
	return n ? `calendar?${n}` : "calendar";
}
function ge() {
	return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
// src/calendar/Agenda.tsx
function A(e) {
	let t = `/dags/${encodeURIComponent(e.name)}`;
	return e.run ? `${t}/runs/${encodeURIComponent(e.run)}` : t;
}
function _e({ found: e }) {
	let t = (t, n) => Date.parse(t.start) < Date.parse(e.days[n + 1]?.begins ?? e.end) && (n === 0 || Date.parse(t.start) >= Date.parse(e.days[n]?.begins ?? e.end)), n = e.days.map((n, r) => ({
		day: n,
		entries: e.entries.filter((e) => t(e, r))
	})).filter(({ entries: e }) => e.length > 0);
	return n.length === 0 ? /* @__PURE__ */ w(p, {
		mt: "3",
		children: "Nothing happens in this time."
	}) : /* @__PURE__ */ w(c, {
		mt: "3",
		children: n.map(({ day: t, entries: n }) => /* @__PURE__ */ T(c, {
			as: "section",
			mt: "3",
			"aria-labelledby": `day-${t.date}`,
			children: [/* @__PURE__ */ T(d, {
				as: "h3",
				size: "sm",
				id: `day-${t.date}`,
				children: [k(t.date, !0), t.date === e.today && " (today)"]
			}), /* @__PURE__ */ w(c, {
				as: "ul",
				listStyleType: "none",
				p: "0",
				children: n.map((e, t) => /* @__PURE__ */ w(ve, { entry: e }, t))
			})]
		}, t.date))
	});
}
function ve({ entry: e }) {
	let { plan: t } = e;
	return /* @__PURE__ */ T(c, {
		as: "li",
		display: "flex",
		flexWrap: "wrap",
		columnGap: "3",
		py: "1",
		fontSize: "sm",
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ T(c, {
				as: "span",
				flex: "0 1 20rem",
				minWidth: "0",
				children: [
					/* @__PURE__ */ T("span", {
						"aria-hidden": "true",
						children: [D(e), " "]
					}),
					e.begins,
					" to ",
					e.ends
				]
			}),
			/* @__PURE__ */ w(c, {
				as: "span",
				minWidth: "4rem",
				children: e.kind
			}),
			/* @__PURE__ */ w(c, {
				as: "span",
				flex: "1 1 20rem",
				minWidth: "0",
				children: t ? /* @__PURE__ */ T(C, { children: [/* @__PURE__ */ w(g, {
					to: A(t),
					style: { textDecoration: "underline" },
					children: t.name
				}), e.what.startsWith(t.name) ? e.what.slice(t.name.length) : ` ${e.what}`] }) : e.what
			})
		]
	});
}
// src/calendar/MonthGrid.tsx
var j = 6;
function ye({ found: e }) {
	return /* @__PURE__ */ w(c, {
		as: "ul",
		display: {
			base: "none",
			md: "grid"
		},
		gridTemplateColumns: "repeat(7, minmax(0, 1fr))",
		listStyleType: "none",
		p: "0",
		my: "3",
		borderTopWidth: "1px",
		borderLeftWidth: "1px",
		borderColor: "border",
		"aria-label": "Days of the month",
		children: e.days.map((t, n) => {
			let r = pe(e, n);
			return /* @__PURE__ */ T(c, {
				as: "li",
				minHeight: "6rem",
				p: "1",
				borderRightWidth: "1px",
				borderBottomWidth: "1px",
				borderColor: "border",
				bg: t.asked_for ? "bg" : "bg.muted",
				fontSize: "xs",
				children: [
					/* @__PURE__ */ T(p, {
						fontWeight: t.date === e.today ? "bold" : "normal",
						children: [k(t.date), t.date === e.today && " (today)"]
					}),
					r.slice(0, j).map((e, t) => /* @__PURE__ */ T(p, {
						truncate: !0,
						lineHeight: "1.5rem",
						title: `${e.begins} to ${e.ends}: ${e.what}`,
						children: [
							D(e),
							" ",
							e.plan ? /* @__PURE__ */ w(g, {
								to: A(e.plan),
								children: O(e)
							}) : O(e)
						]
					}, t)),
					r.length > j && /* @__PURE__ */ T(p, { children: [
						"and ",
						r.length - j,
						" more"
					] })
				]
			}, t.date);
		})
	});
}
// src/calendar/SlotFinder.tsx
var be = 6e4, M = "choose a plan";
function xe({ found: e }) {
	let [t, n] = _(), r = t.get("plan") ?? "", i = (e, t) => {
		let r = new URLSearchParams(location.search);
		t === M ? r.delete(e) : r.set(e, t), n(r, { replace: !0 });
	}, a = [
		...e.entries.flatMap((e) => e.plan ? [e.plan.name] : []),
		...e.without_opening,
		...e.any_time
	], o = [.../* @__PURE__ */ new Set([
		M,
		...r ? [r] : [],
		...a.sort()
	])];
	return /* @__PURE__ */ T(c, {
		as: "section",
		mt: "5",
		"aria-labelledby": "deployplan-fits",
		children: [
			/* @__PURE__ */ w(d, {
				as: "h2",
				size: "md",
				id: "deployplan-fits",
				children: "Where does a plan fit next?"
			}),
			/* @__PURE__ */ w(c, {
				my: "2",
				fontSize: "sm",
				children: /* @__PURE__ */ w(P, {
					name: "plan",
					value: r || M,
					offered: o,
					choose: i
				})
			}),
			r && /* @__PURE__ */ w(Se, { plan: r })
		]
	});
}
function Se({ plan: e }) {
	let t = x(`plans/${encodeURIComponent(e)}/slot`, be), n = t.found?.slots.filter((e) => e.taken_by.length > 0) ?? [];
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(E, { seen: t }),
		t.found === null && t.problem === null && /* @__PURE__ */ w(p, {
			role: "status",
			children: "Looking…"
		}),
		t.found && /* @__PURE__ */ T(p, {
			role: "status",
			overflowWrap: "anywhere",
			fontWeight: "medium",
			children: [t.found.fits ? "✓ " : "✗ ", t.found.sentence]
		}),
		n.length > 0 && /* @__PURE__ */ w(c, {
			as: "ul",
			fontSize: "sm",
			pl: "5",
			children: n.map((e) => /* @__PURE__ */ w(c, {
				as: "li",
				overflowWrap: "anywhere",
				children: `${e.opens.slice(0, 16).replace("T", " ")} (${e.timezone}): taken by ${e.taken_by.join(", ")}`
			}, e.opens))
		})
	] });
}
// src/calendar/Timeline.tsx
var Ce = {
	window: "blue.solid",
	freeze: "red.solid",
	free: "green.solid",
	plan: "border.emphasized"
}, we = .04;
function Te({ found: e }) {
	return /* @__PURE__ */ w(c, {
		display: {
			base: "none",
			md: "block"
		},
		role: "region",
		"aria-label": "Timeline of the week",
		tabIndex: 0,
		overflowX: "auto",
		my: "3",
		children: /* @__PURE__ */ T(c, {
			minWidth: "60rem",
			borderWidth: "1px",
			borderColor: "border",
			borderRadius: "md",
			children: [/* @__PURE__ */ w(u, {
				ml: "7rem",
				position: "relative",
				height: "2rem",
				children: e.days.map((t, n) => {
					let r = e.days[n + 1]?.begins ?? e.end;
					return /* @__PURE__ */ T(p, {
						width: `${100 * (Date.parse(r) - Date.parse(t.begins)) / (Date.parse(e.end) - Date.parse(e.start))}%`,
						px: "1",
						borderLeftWidth: "1px",
						fontSize: "sm",
						fontWeight: t.date === e.today ? "bold" : "normal",
						children: [k(t.date), t.date === e.today && " (today)"]
					}, t.date);
				})
			}), ue.map((t) => /* @__PURE__ */ w(Ee, {
				title: de[t],
				entries: e.entries.filter((e) => e.kind === t),
				found: e
			}, t))]
		})
	});
}
function Ee({ title: e, entries: t, found: n }) {
	let r = me(t, we * (Date.parse(n.end) - Date.parse(n.start)));
	return /* @__PURE__ */ T(u, {
		borderTopWidth: "1px",
		borderColor: "border",
		children: [/* @__PURE__ */ w(p, {
			width: "7rem",
			flex: "none",
			p: "1",
			fontSize: "sm",
			children: e
		}), /* @__PURE__ */ T(c, {
			flex: "1",
			minWidth: "0",
			children: [r.length === 0 && /* @__PURE__ */ w(p, {
				fontSize: "sm",
				color: "fg.muted",
				p: "1",
				children: "none"
			}), r.map((e, t) => /* @__PURE__ */ w(c, {
				position: "relative",
				height: "2rem",
				children: e.map((e, t) => /* @__PURE__ */ w(De, {
					entry: e,
					found: n
				}, t))
			}, t))]
		})]
	});
}
function De({ entry: e, found: t }) {
	let n = fe(e, t.start, t.end);
	if (n === null) return null;
	let r = {
		left: `${n.left}%`,
		width: `${n.width}%`
	}, i = `${e.begins} to ${e.ends}: ${e.what || "free"}`, a = `${D(e)} ${O(e)}`;
	return /* @__PURE__ */ w(c, {
		position: "absolute",
		top: "0.15rem",
		minWidth: "2rem",
		height: "1.7rem",
		style: r,
		title: i,
		borderWidth: "1px",
		borderLeftWidth: "4px",
		boxSizing: "border-box",
		borderColor: e.plan?.conflict ? "orange.solid" : Ce[e.kind],
		borderStyle: e.kind === "free" ? "dashed" : "solid",
		bg: "bg.muted",
		borderRadius: "sm",
		fontSize: "xs",
		px: e.plan ? "0" : "1",
		overflow: "hidden",
		lineHeight: "1.6rem",
		whiteSpace: "nowrap",
		textOverflow: "ellipsis",
		children: e.plan ? /* @__PURE__ */ w(g, {
			to: A(e.plan),
			"aria-label": `${a}; ${i}`,
			style: {
				display: "block",
				overflow: "hidden",
				textOverflow: "ellipsis"
			},
			children: a
		}) : a
	});
}
// src/calendar/CalendarPage.tsx
var Oe = 3e4;
function ke() {
	let [e] = _(), t = x(he(e), Oe), [n, r] = a(null);
	t.found !== null && t.found !== n && r(t.found);
	let i = t.found ?? n;
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(d, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Calendar"
		}),
		/* @__PURE__ */ w(E, { seen: t }),
		i === null ? t.problem === null && /* @__PURE__ */ w(p, {
			role: "status",
			children: "Reading plans and windows…"
		}) : /* @__PURE__ */ w(Ae, { found: i })
	] });
}
function Ae({ found: e }) {
	let t = e.scale === "week" ? `${k(e.first)} to ${k(e.last)} ${e.last.slice(0, 4)}` : je(e.first);
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(Ne, { found: e }),
		/* @__PURE__ */ T(d, {
			as: "h2",
			size: "md",
			mt: "4",
			children: [
				e.environment,
				", ",
				t
			]
		}),
		/* @__PURE__ */ T(p, { children: [
			"Times in ",
			/* @__PURE__ */ w("strong", { children: e.zone }),
			e.zone !== e.timezone && ` (the environment's own is ${e.timezone})`
		] }),
		/* @__PURE__ */ w(Me, { found: e }),
		e.scale === "week" ? /* @__PURE__ */ w(Te, { found: e }) : /* @__PURE__ */ w(ye, { found: e }),
		/* @__PURE__ */ w(_e, { found: e }),
		/* @__PURE__ */ w(xe, { found: e }),
		/* @__PURE__ */ w(p, {
			mt: "4",
			children: /* @__PURE__ */ w("a", {
				href: b(`calendar.ics?environment=${encodeURIComponent(e.environment)}`),
				download: !0,
				style: { textDecoration: "underline" },
				children: "Download as iCalendar file (.ics)"
			})
		})
	] });
}
function je(e) {
	return new Intl.DateTimeFormat("en-GB", {
		month: "long",
		year: "numeric",
		timeZone: "UTC"
	}).format(/* @__PURE__ */ new Date(`${e}T00:00:00Z`));
}
function Me({ found: e }) {
	return [
		e.without_opening.length > 0 && `No opening of this time fits: ${e.without_opening.join(", ")}.`,
		e.any_time.length > 0 && `At any time: ${e.any_time.join(", ")}.`,
		...Object.entries(e.left_out).map(([e, t]) => `Not shown: ${t} more of kind ${e}.`)
	].filter((e) => !!e).map((e) => /* @__PURE__ */ w(p, {
		fontSize: "sm",
		color: "fg.muted",
		overflowWrap: "anywhere",
		children: e
	}, e));
}
function Ne({ found: e }) {
	let [t, n] = _(), r = (e, t) => {
		let r = new URLSearchParams(location.search);
		r.set(e, t), n(r, { replace: !0 });
	}, i = [.../* @__PURE__ */ new Set([
		e.timezone,
		ge(),
		"UTC",
		e.zone
	])];
	return /* @__PURE__ */ T(u, {
		gap: "4",
		wrap: "wrap",
		align: "center",
		my: "2",
		fontSize: "sm",
		children: [
			/* @__PURE__ */ w(P, {
				name: "environment",
				value: e.environment,
				offered: e.environments,
				choose: r
			}),
			/* @__PURE__ */ w(P, {
				name: "scale",
				value: e.scale,
				offered: ["week", "month"],
				choose: r
			}),
			/* @__PURE__ */ w(P, {
				name: "zone",
				value: e.zone,
				offered: i,
				choose: r
			}),
			/* @__PURE__ */ T(u, {
				as: "nav",
				"aria-label": "Period",
				gap: "3",
				children: [
					/* @__PURE__ */ w(N, {
						chosen: t,
						around: e.before,
						children: "← earlier"
					}),
					/* @__PURE__ */ w(N, {
						chosen: t,
						around: e.today,
						children: "today"
					}),
					/* @__PURE__ */ w(N, {
						chosen: t,
						around: e.after,
						children: "later →"
					})
				]
			})
		]
	});
}
function N({ chosen: e, around: t, children: n }) {
	let r = new URLSearchParams(e);
	return r.set("around", t), /* @__PURE__ */ w(g, {
		to: { search: `?${r.toString()}` },
		style: { textDecoration: "underline" },
		children: n
	});
}
function P(e) {
	let t = `deployplan-calendar-${e.name}`;
	return /* @__PURE__ */ T(c, { children: [/* @__PURE__ */ T("label", {
		htmlFor: t,
		children: [e.name, " "]
	}), /* @__PURE__ */ w(m.select, {
		id: t,
		value: e.value,
		borderWidth: "1px",
		borderColor: "border.emphasized",
		borderRadius: "md",
		bg: "bg",
		color: "fg",
		p: "1",
		maxWidth: "16rem",
		onChange: (t) => e.choose(e.name, t.target.value),
		children: e.offered.map((e) => /* @__PURE__ */ w("option", {
			value: e,
			children: e
		}, e))
	})] });
}
// src/Choice.tsx
function Pe(e) {
	let { label: t, value: n, offered: r, choose: i } = e, a = `deployplan-${t.replaceAll(" ", "-")}`;
	return /* @__PURE__ */ T(c, {
		fontSize: "sm",
		children: [/* @__PURE__ */ T("label", {
			htmlFor: a,
			children: [t, " "]
		}), /* @__PURE__ */ T(m.select, {
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
			children: [/* @__PURE__ */ w("option", {
				value: "",
				children: "all"
			}), [.../* @__PURE__ */ new Set([...r, ...n ? [n] : []])].map((e) => /* @__PURE__ */ w("option", {
				value: e,
				children: e
			}, e))]
		})]
	});
}
// src/tonight.ts
var Fe = [
	"review",
	"window",
	"deploy",
	"verify",
	"backout",
	"outcome"
];
function Ie(e, t) {
	return e.filter((e) => (!t.environment || e.environment === t.environment) && (!t.product || e.product === t.product) && (!t.person || Le(e).includes(t.person)));
}
function Le(e) {
	let { question: t, seats: n, owner: r } = e;
	return [.../* @__PURE__ */ new Set([
		...t?.people ?? [],
		...n?.by ?? [],
		...n?.missing ?? [],
		...r ? [r] : []
	])];
}
function F(e, t) {
	return [...new Set(e.flatMap(t).filter((e) => !!e))].sort();
}
function I(e, t, n) {
	let r = new Date(e), i = (e) => e.toLocaleDateString("en-CA", { timeZone: t }), a = Math.abs(r.getTime() - n.getTime()) > 6 * Be;
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
function Re(e, t, n) {
	let r = I(e, t, n);
	return r.endsWith(` ${t}`) ? r : `${r} (${t})`;
}
var ze = 6e4, Be = 1440 * ze;
function Ve(e, t) {
	let n = Date.parse(e) - t.getTime(), r = Math.max(1, Math.round(Math.abs(n) / ze)), i = Math.floor(r / 1440), a = Math.floor(r % 1440 / 60), o = (i ? [`${i} d`, a ? `${a} h` : ""] : a ? [`${a} h`, `${r % 60} min`] : [`${r} min`]).filter(Boolean).join(" ");
	return n >= 0 ? `in ${o}` : `${o} ago`;
}
function He(e) {
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
function Ue(e, t) {
	let n = (t) => e.rows.filter((e) => e.lane === t).length, r = e.rows.filter((e) => e.began && !e.ended).length, i = [r === 1 ? "1 release runs" : `${r || "no"} releases run`], a = n("needs you");
	i.push(a === 1 ? "1 waits for you" : `${a || "none"} wait for you`);
	let o = e.rows.filter((e) => e.opens && Date.parse(e.opens) > t.getTime());
	o.sort((e, t) => Date.parse(e.opens ?? "") - Date.parse(t.opens ?? ""));
	let s = o[0];
	return s?.opens && i.push(`next opening ${Re(s.opens, s.timezone, t)}`), i.join(" · ");
}
function We(e) {
	return e.run ? y("runs", e.plan, e.run) : L(e);
}
function L(e) {
	let t = `/dags/${encodeURIComponent(e.plan)}`;
	return e.run ? `${t}/runs/${encodeURIComponent(e.run)}` : t;
}
function Ge(e) {
	let t = `deployplan/m/${encodeURIComponent(e.plan)}/${encodeURIComponent(e.run ?? "")}`;
	return e.question && e.run ? new URL(t, document.baseURI).href : null;
}
function Ke(e) {
	return e.question && e.run ? `${L(e)}/tasks/${encodeURIComponent(e.question.task)}/required_actions` : null;
}
// src/Filters.tsx
var qe = [
	"environment",
	"product",
	"person"
];
function Je() {
	let [e, t] = R(), [n, r, i] = qe.map((t) => e.get(t) ?? "");
	return [{
		environment: n,
		product: r,
		person: i
	}, (e, n) => t({ [e]: n })];
}
function R() {
	let [e, t] = _();
	return [e, (e) => {
		let n = new URLSearchParams(location.search);
		for (let [t, r] of Object.entries(e)) r ? n.set(t, r) : n.delete(t);
		t(n, { replace: !0 });
	}];
}
function Ye(e) {
	let { rows: t, filter: n, choose: r } = e, i = {
		environment: F(t, (e) => [e.environment]),
		product: F(t, (e) => [e.product]),
		person: F(t, Le)
	};
	return /* @__PURE__ */ w(u, {
		gap: "3",
		wrap: "wrap",
		children: qe.map((e) => /* @__PURE__ */ w(Pe, {
			label: e,
			value: n[e],
			offered: i[e],
			choose: (t) => r(e, t)
		}, e))
	});
}
// src/store.ts
var Xe = new se("tonight", (e) => e.unread > 0);
function Ze() {
	return Xe.refresh();
}
function z(e) {
	return ce(Xe, e);
}
function B() {
	let [e, t] = a(() => /* @__PURE__ */ new Date());
	return r(() => {
		let e = setInterval(() => t(/* @__PURE__ */ new Date()), 3e4);
		return () => clearInterval(e);
	}, []), e;
}
async function Qe(e, t) {
	try {
		let n = await fetch(b(e), {
			method: "POST",
			credentials: "same-origin",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ reason: t })
		});
		return n.ok ? (await Ze(), null) : await le(n);
	} catch (e) {
		return `Airflow does not answer: ${e instanceof Error ? e.message : String(e)}`;
	}
}
// src/release/TwoClocks.tsx
function V({ at: e, zone: t, now: n }) {
	let r = I(e, void 0, n);
	return /* @__PURE__ */ T("time", {
		dateTime: e,
		children: [r, I(e, t, n) !== r && /* @__PURE__ */ T("span", {
			style: { color: "var(--chakra-colors-fg-muted)" },
			children: [
				" (",
				Re(e, t, n),
				")"
			]
		})]
	});
}
// src/When.tsx
function H({ at: e, zone: t, now: n }) {
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(V, {
			at: e,
			zone: t,
			now: n
		}),
		", ",
		Ve(e, n)
	] });
}
// src/nodes/nodes.ts
var $e = [
	"environment",
	"product",
	"state",
	"holder",
	"verified",
	"q"
];
function et(e, t = {}) {
	let n = new URLSearchParams();
	for (let t of $e) {
		let r = e.get(t);
		r && n.set(t, r);
	}
	for (let [e, r] of Object.entries(t)) r && n.set(e, r);
	return n.toString();
}
var tt = {
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
function nt(e) {
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
var U = { textDecoration: "underline" }, rt = {
	done: "green.solid",
	working: "blue.solid",
	failed: "red.solid",
	unknown: "purple.solid",
	"left out": "orange.solid",
	"not known": "red.solid"
};
function it({ state: e }) {
	return /* @__PURE__ */ T(c, {
		as: "span",
		whiteSpace: "nowrap",
		borderLeftWidth: "4px",
		borderLeftColor: rt[e] ?? "border.emphasized",
		pl: "2",
		children: [/* @__PURE__ */ T("span", {
			"aria-hidden": "true",
			children: [tt[e] ?? "•", " "]
		}), e]
	});
}
function W({ run: e }) {
	return /* @__PURE__ */ T(g, {
		to: y("runs", e.plan, e.run),
		style: U,
		children: [
			e.plan,
			" ",
			e.run
		]
	});
}
function G({ row: e, now: t }) {
	return e.installed.length === 0 ? /* @__PURE__ */ w(Y, { children: "nothing recorded" }) : e.installed.map((n) => /* @__PURE__ */ T(c, {
		mb: "1",
		overflowWrap: "anywhere",
		"data-testid": "installed",
		children: [
			/* @__PURE__ */ T("strong", { children: [
				n.product,
				" ",
				n.component,
				" ",
				n.version || "none"
			] }),
			" ",
			n.event,
			" ",
			/* @__PURE__ */ w(H, {
				at: n.since,
				zone: e.timezone,
				now: t
			}),
			" ",
			"by ",
			/* @__PURE__ */ w(W, { run: n }),
			", ",
			n.verified ? "verified" : "not verified",
			n.verified_by && n.verified_by !== n.run && ` by run ${n.verified_by}`
		]
	}, `${n.product}/${n.component}`));
}
function K({ row: e, now: t }) {
	return e.holder === null ? /* @__PURE__ */ w(Y, { children: "nobody" }) : /* @__PURE__ */ T(c, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ w(W, { run: e.holder }),
			" since ",
			/* @__PURE__ */ w(H, {
				at: e.holder.since,
				zone: e.timezone,
				now: t
			}),
			e.holder.frozen && /* @__PURE__ */ T(p, {
				fontWeight: "medium",
				children: ["frozen: ", e.holder.frozen]
			}),
			e.jobs.map((n) => /* @__PURE__ */ T(p, { children: [
				n.component,
				" ",
				n.step,
				" runs since ",
				/* @__PURE__ */ w(H, {
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
function q({ row: e }) {
	return /* @__PURE__ */ T(c, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ w(it, { state: e.state }),
			e.last && e.state !== "done" && /* @__PURE__ */ T(p, { children: ["in ", /* @__PURE__ */ w(W, { run: e.last })] }),
			e.why && /* @__PURE__ */ w(p, { children: e.why }),
			e.problems.map((e) => /* @__PURE__ */ T(p, { children: [
				/* @__PURE__ */ w("strong", { children: "Record not believed:" }),
				" ",
				e.plan,
				" ",
				e.run,
				": ",
				e.sentence
			] }, `${e.plan}/${e.run}`)),
			e.hidden > 0 && /* @__PURE__ */ T(Y, { children: [e.hidden, " more of plans that you may not read"] }),
			!e.declared && /* @__PURE__ */ w(Y, { children: "not in the environment's file" })
		]
	});
}
function J({ row: e, now: t }) {
	return e.next === null ? /* @__PURE__ */ w(Y, { children: "nothing within 7 days" }) : /* @__PURE__ */ T(c, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ w(g, {
				to: `/dags/${encodeURIComponent(e.next.plan)}`,
				style: U,
				children: e.next.plan
			}),
			e.next.release && ` (${e.next.release})`,
			" opens ",
			/* @__PURE__ */ w(H, {
				at: e.next.opens,
				zone: e.timezone,
				now: t
			})
		]
	});
}
function Y({ children: e }) {
	return /* @__PURE__ */ w(c, {
		as: "span",
		color: "fg.muted",
		children: e
	});
}
function at({ found: e }) {
	return [
		e.unread > 0 && `Still reading: ${e.unread} runs; until then nodes may have more on them than is shown.`,
		e.older > 0 && `${e.older} earlier runs are not looked at here; deployplan evidence tells of them.`,
		...Object.entries(e.broken).map(([e, t]) => `The file of ${e} cannot be read: ${t}`)
	].filter((e) => !!e).map((e) => /* @__PURE__ */ w(p, {
		fontSize: "sm",
		color: "fg.muted",
		role: "status",
		overflowWrap: "anywhere",
		children: e
	}, e));
}
// src/nodes/NodePage.tsx
function ot() {
	let { environment: e = "", node: t = "" } = ie(), [n, r] = R(), i = n.get("before") ?? "", a = `nodes/${encodeURIComponent(e)}/${encodeURIComponent(t)}`, o = x(i ? `${a}?before=${encodeURIComponent(i)}` : a), s = B();
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ T(d, {
			as: "h1",
			size: "xl",
			mb: "1",
			overflowWrap: "anywhere",
			children: [
				t,
				" ",
				/* @__PURE__ */ T(Y, { children: [
					"(",
					e,
					")"
				] })
			]
		}),
		/* @__PURE__ */ w(p, {
			fontSize: "sm",
			children: /* @__PURE__ */ w(g, {
				to: y("nodes"),
				style: U,
				children: "All nodes"
			})
		}),
		/* @__PURE__ */ w(E, { seen: o }),
		o.found === null ? o.problem === null && /* @__PURE__ */ w(p, {
			role: "status",
			children: "Reading the records of the runs…"
		}) : /* @__PURE__ */ w(st, {
			found: o.found,
			now: s,
			before: i,
			turn: (e) => r({ before: e })
		})
	] });
}
function st(e) {
	let { found: t, now: n, before: r, turn: i } = e, a = t.node;
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(at, { found: t }),
		/* @__PURE__ */ w(c, {
			as: "dl",
			display: "grid",
			gridTemplateColumns: "auto minmax(0, 1fr)",
			columnGap: "4",
			rowGap: "1",
			my: "3",
			children: [
				["stands", /* @__PURE__ */ w(q, { row: a }, "stands")],
				["installed", /* @__PURE__ */ w(G, {
					row: a,
					now: n
				}, "installed")],
				["held by", /* @__PURE__ */ w(K, {
					row: a,
					now: n
				}, "held")],
				["next plan", /* @__PURE__ */ w(J, {
					row: a,
					now: n
				}, "next")]
			].map(([e, t]) => /* @__PURE__ */ T(c, {
				display: "contents",
				children: [/* @__PURE__ */ w(c, {
					as: "dt",
					color: "fg.muted",
					children: e
				}), /* @__PURE__ */ w(c, {
					as: "dd",
					m: "0",
					children: t
				})]
			}, e))
		}),
		/* @__PURE__ */ T(d, {
			as: "h2",
			size: "md",
			mt: "4",
			children: [
				"Runs on this node (",
				t.matching,
				")"
			]
		}),
		/* @__PURE__ */ w(u, {
			as: "ol",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: t.runs.map((e) => /* @__PURE__ */ w(c, {
				as: "li",
				borderTopWidth: "1px",
				borderColor: "border",
				py: "2",
				fontSize: "sm",
				children: /* @__PURE__ */ w(ct, {
					run: e,
					zone: a.timezone,
					now: n
				})
			}, `${e.plan}/${e.run}`))
		}),
		/* @__PURE__ */ T(u, {
			gap: "4",
			my: "3",
			children: [r && /* @__PURE__ */ w("button", {
				type: "button",
				style: U,
				onClick: () => i(""),
				children: "From the latest run"
			}), t.next && /* @__PURE__ */ w("button", {
				type: "button",
				style: U,
				onClick: () => i(t.next ?? ""),
				children: "Earlier runs"
			})]
		})
	] });
}
function ct({ run: e, zone: t, now: n }) {
	return /* @__PURE__ */ T(c, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ T(p, { children: [
				/* @__PURE__ */ T("strong", { children: [
					e.product,
					" ",
					e.release
				] }),
				" ",
				"by ",
				/* @__PURE__ */ w(W, { run: e }),
				": run ",
				e.outcome ? e.outcome.replaceAll("_", " ") : "under way",
				e.at && /* @__PURE__ */ T(C, { children: [", ", /* @__PURE__ */ w(H, {
					at: e.at,
					zone: t,
					now: n
				})] })
			] }),
			e.problem && /* @__PURE__ */ T(p, { children: [
				/* @__PURE__ */ w("strong", { children: "Record not believed:" }),
				" ",
				e.problem
			] }),
			e.standing && /* @__PURE__ */ T(p, { children: ["this node: ", /* @__PURE__ */ w(it, { state: e.standing })] }),
			e.results.map((e) => /* @__PURE__ */ w(p, {
				pl: "4",
				children: lt(e)
			}, e.component))
		]
	});
}
function lt(e) {
	let t = e.seconds === null ? "" : ` after ${nt(e.seconds)}`, n = e.exit === null ? "" : `, exit ${e.exit}`, r = e.why ? `: ${e.why}` : "", i = e.job ? ` (${e.step} job ${e.job})` : "";
	return `${e.component}: ${e.standing}${t}${n}${r}${i}`;
}
// src/useIsWide.ts
var ut = "(min-width: 64em)";
function dt() {
	let [e, t] = a(() => matchMedia(ut).matches);
	return r(() => {
		let e = matchMedia(ut), n = () => t(e.matches);
		return e.addEventListener("change", n), () => e.removeEventListener("change", n);
	}, []), e;
}
// src/nodes/Nodes.tsx
function ft() {
	let [e, t] = R(), n = x(`nodes?${et(e, { after: e.get("after") ?? "" })}`), r = B();
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(d, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Nodes"
		}),
		/* @__PURE__ */ w(E, { seen: n }),
		/* @__PURE__ */ w(pt, {
			said: e,
			say: (e) => t({
				...e,
				after: ""
			}),
			choices: n.found?.choices
		}),
		n.found === null ? n.problem === null && /* @__PURE__ */ w(p, {
			role: "status",
			children: "Reading the records of the runs…"
		}) : /* @__PURE__ */ w(gt, {
			found: n.found,
			said: e,
			say: t,
			now: r
		})
	] });
}
function pt({ said: e, say: t, choices: n }) {
	let r = (n, r) => /* @__PURE__ */ w(Pe, {
		label: n,
		value: e.get(n) ?? "",
		offered: r,
		choose: (e) => t({ [n]: e })
	}, n);
	return /* @__PURE__ */ T(u, {
		as: "form",
		role: "search",
		gap: "3",
		my: "3",
		wrap: "wrap",
		align: "center",
		onSubmit: (e) => e.preventDefault(),
		children: [
			/* @__PURE__ */ w(ht, {
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
var mt = 300;
function ht({ value: e, search: t }) {
	let [n, i] = a(e);
	return r(() => i(e), [e]), r(() => {
		if (n === e) return;
		let r = setTimeout(() => t(n.trim()), mt);
		return () => clearTimeout(r);
	}, [n]), /* @__PURE__ */ T(c, {
		fontSize: "sm",
		children: [/* @__PURE__ */ w("label", {
			htmlFor: "deployplan-q",
			children: "search "
		}), /* @__PURE__ */ w(f, {
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
function gt({ found: e, said: t, say: n, now: r }) {
	let i = dt(), a = et(t);
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ T(u, {
			gap: "4",
			wrap: "wrap",
			justify: "space-between",
			align: "baseline",
			children: [/* @__PURE__ */ T(p, {
				role: "status",
				children: [
					e.matching,
					" of ",
					e.total,
					" nodes"
				]
			}), /* @__PURE__ */ T(u, {
				gap: "4",
				fontSize: "sm",
				children: [/* @__PURE__ */ w("a", {
					href: b(`nodes?${a}&format=csv`),
					download: "nodes.csv",
					style: U,
					children: "CSV"
				}), /* @__PURE__ */ w("a", {
					href: b(`nodes?${a}&limit=1000`),
					style: U,
					children: "JSON"
				})]
			})]
		}),
		/* @__PURE__ */ w(at, { found: e }),
		e.rows.length === 0 ? /* @__PURE__ */ w(p, {
			my: "3",
			children: "No node is like that."
		}) : i ? /* @__PURE__ */ w(yt, {
			rows: e.rows,
			now: r
		}) : /* @__PURE__ */ w(u, {
			as: "ul",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: e.rows.map((e) => /* @__PURE__ */ w(c, {
				as: "li",
				children: /* @__PURE__ */ w(xt, {
					row: e,
					now: r
				})
			}, `${e.environment}/${e.node}`))
		}),
		/* @__PURE__ */ T(u, {
			gap: "4",
			my: "3",
			children: [t.get("after") && /* @__PURE__ */ w(_t, {
				label: "From the first node",
				to: "",
				say: n
			}), e.next && /* @__PURE__ */ w(_t, {
				label: "More nodes",
				to: e.next,
				say: n
			})]
		})
	] });
}
function _t({ label: e, to: t, say: n }) {
	return /* @__PURE__ */ w("button", {
		type: "button",
		style: U,
		onClick: () => n({ after: t }),
		children: e
	});
}
var vt = [
	"node",
	"installed",
	"stands",
	"held by",
	"next plan"
];
function yt({ rows: e, now: t }) {
	return /* @__PURE__ */ T(c, {
		as: "table",
		width: "100%",
		fontSize: "sm",
		mt: "2",
		style: {
			borderCollapse: "collapse",
			tableLayout: "fixed"
		},
		children: [
			/* @__PURE__ */ w("colgroup", { children: [
				"14%",
				"34%",
				"20%",
				"18%",
				"14%"
			].map((e, t) => /* @__PURE__ */ w("col", { style: { width: e } }, t)) }),
			/* @__PURE__ */ w("thead", { children: /* @__PURE__ */ w("tr", { children: vt.map((e) => /* @__PURE__ */ w(c, {
				as: "th",
				textAlign: "start",
				p: "2",
				color: "fg.muted",
				fontWeight: "medium",
				children: e
			}, e)) }) }),
			/* @__PURE__ */ w("tbody", { children: e.map((e) => /* @__PURE__ */ w(bt, {
				row: e,
				now: t
			}, `${e.environment}/${e.node}`)) })
		]
	});
}
var X = {
	padding: "0.5rem",
	verticalAlign: "top"
}, bt = n(function({ row: e, now: t }) {
	return /* @__PURE__ */ T(c, {
		as: "tr",
		borderTopWidth: "1px",
		borderColor: "border",
		children: [
			/* @__PURE__ */ w("th", {
				scope: "row",
				style: {
					...X,
					textAlign: "start"
				},
				children: /* @__PURE__ */ w(St, { row: e })
			}),
			/* @__PURE__ */ w("td", {
				style: X,
				children: /* @__PURE__ */ w(G, {
					row: e,
					now: t
				})
			}),
			/* @__PURE__ */ w("td", {
				style: X,
				children: /* @__PURE__ */ w(q, { row: e })
			}),
			/* @__PURE__ */ w("td", {
				style: X,
				children: /* @__PURE__ */ w(K, {
					row: e,
					now: t
				})
			}),
			/* @__PURE__ */ w("td", {
				style: X,
				children: /* @__PURE__ */ w(J, {
					row: e,
					now: t
				})
			})
		]
	});
}), xt = n(function({ row: e, now: t }) {
	let n = [
		["stands", /* @__PURE__ */ w(q, { row: e }, "stands")],
		["installed", /* @__PURE__ */ w(G, {
			row: e,
			now: t
		}, "installed")],
		["held by", /* @__PURE__ */ w(K, {
			row: e,
			now: t
		}, "held")],
		["next", /* @__PURE__ */ w(J, {
			row: e,
			now: t
		}, "next")]
	];
	return /* @__PURE__ */ T(c, {
		as: "article",
		borderWidth: "1px",
		borderColor: "border",
		borderRadius: "md",
		p: "3",
		fontSize: "sm",
		"aria-label": `${e.node} (${e.environment})`,
		children: [/* @__PURE__ */ w(St, { row: e }), /* @__PURE__ */ w(c, {
			as: "dl",
			display: "grid",
			gridTemplateColumns: "auto minmax(0, 1fr)",
			columnGap: "3",
			rowGap: "1",
			mt: "2",
			children: n.map(([e, t]) => /* @__PURE__ */ T(c, {
				display: "contents",
				children: [/* @__PURE__ */ w(c, {
					as: "dt",
					color: "fg.muted",
					children: e
				}), /* @__PURE__ */ w(c, {
					as: "dd",
					m: "0",
					children: t
				})]
			}, e))
		})]
	});
});
function St({ row: e }) {
	return /* @__PURE__ */ T(c, {
		overflowWrap: "anywhere",
		children: [/* @__PURE__ */ w(g, {
			to: y("nodes", e.environment, e.node),
			style: {
				...U,
				fontWeight: 600
			},
			children: e.node
		}), /* @__PURE__ */ w(c, {
			color: "fg.muted",
			fontWeight: "normal",
			children: e.environment
		})]
	});
}
// src/release/release.ts
var Ct = {
	done: "✓",
	working: "◐",
	failed: "✕",
	unknown: "?",
	"left out": "⊘",
	undone: "↺",
	"not started": "○"
};
function wt(e) {
	let t = Math.max(0, Math.round(e / 1e3));
	if (t < 60) return `${t} s`;
	let n = Math.floor(t / 60);
	return n < 60 ? t % 60 ? `${n} min ${t % 60} s` : `${n} min` : n % 60 ? `${Math.floor(n / 60)} h ${n % 60} min` : `${n / 60} h`;
}
function Tt(e, t) {
	if (!e.began) return null;
	let n = (e.ended ? Date.parse(e.ended) : t.getTime()) - Date.parse(e.began);
	return e.ended ? wt(n) : `for ${wt(n)}`;
}
function Et(e) {
	let t = `${e.before ?? "nothing known"} → ${e.after ?? "?"}`;
	return e.now ? `${t}, now ${e.now}` : e.standing === "working" ? `${t}, changing now` : `${t}, now not known`;
}
function Dt(e, t, n) {
	let r = n.trim().toLowerCase();
	return e.filter((e) => (!r || e.node.toLowerCase().includes(r)) && (!t || e.cells.some((e) => e.standing === t)));
}
var Ot = /* @__PURE__ */ new Set(["fail", "unknown"]);
function kt(e) {
	let t = e.points.at(-1);
	return t ? Ot.has(t.answer) ? t.answer.toUpperCase() : t.answer : "not read";
}
function At(e, t) {
	let n = e.filter((e) => e.points.some((e) => Ot.has(e.answer))), r = e.filter((e) => !n.includes(e)), i = [...n, ...r].slice(0, t);
	return {
		shown: i,
		left: e.length - i.length
	};
}
// src/release/Section.tsx
function Z({ title: e, children: t }) {
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
function Q({ label: e, head: t, rows: n, children: r }) {
	return /* @__PURE__ */ w(c, {
		role: "region",
		"aria-label": e,
		tabIndex: 0,
		overflowX: "auto",
		css: Nt,
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
var jt = "var(--chakra-colors-fg-muted)", Mt = "1px solid var(--chakra-colors-border)", Nt = {
	"& table": {
		borderCollapse: "collapse",
		width: "100%",
		fontSize: "0.875rem"
	},
	"& th, & td": {
		textAlign: "start",
		verticalAlign: "top",
		padding: "0.35rem 0.75rem 0.35rem 0",
		borderBottom: Mt,
		overflowWrap: "anywhere"
	},
	"& th": { fontWeight: 500 },
	"& thead th": { color: jt },
	"@media (max-width: 48em)": {
		"& thead": {
			position: "absolute",
			clipPath: "inset(50%)"
		},
		"& tr": {
			display: "block",
			borderBottom: Mt,
			padding: "0.4rem 0"
		},
		"& tbody th, & td": {
			display: "block",
			border: 0,
			padding: "0.1rem 0"
		},
		"& tbody th::before, & td::before": {
			content: "attr(data-label) \": \"",
			color: jt,
			fontWeight: 400
		}
	}
}, Pt = {
	asked: "○",
	approved: "✓",
	rejected: "✕",
	expired: "–"
};
function Ft({ release: e, now: t }) {
	let { seats: n, approvals: r, digest: i } = e;
	return /* @__PURE__ */ T(Z, {
		title: "Approval",
		children: [n && /* @__PURE__ */ T(p, {
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
		}), r.length > 0 && /* @__PURE__ */ w(Q, {
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
							children: Pt[n.state]
						}),
						" ",
						It(n)
					] }),
					/* @__PURE__ */ w(V, {
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
function It(e) {
	let t = e.window ? `, for the window of ${e.window}` : "";
	switch (e.state) {
		case "asked": return `asked of ${e.asked.join(", ")}`;
		case "expired": return `nobody answered in time; asked were ${e.asked.join(", ")}`;
		default: return `${e.person ?? "somebody"} ${e.state}${t}${e.why ? `: ${e.why}` : ""}`;
	}
}
// src/release/Sparkline.tsx
var Lt = 14, Rt = 22, zt = 5;
function Bt(e, t, n) {
	let r = e.map((e) => e.value), i = [t, n].filter((e) => e !== null);
	if (i.length === 0 || r.some((e) => e === void 0)) return {
		at: e.map((e) => ({
			pass: zt,
			fail: 17
		})[e.answer] ?? Rt / 2),
		limits: []
	};
	let a = [...r, ...i], o = Math.min(...a), s = Math.max(...a) - o || 1, c = (e) => 17 - (e - o) / s * 12;
	return {
		at: r.map(c),
		limits: i.map(c)
	};
}
var Vt = {
	pass: "green",
	fail: "red"
};
function Ht({ criterion: e, series: t }) {
	let { points: n } = t, { at: r, limits: i } = Bt(n, e.least, e.most), a = Math.max(1, n.length) * Lt, o = (e) => e * Lt + Lt / 2, s = n.map((e) => `${e.phase}: ${e.answer}${e.value === void 0 ? "" : ` (${e.value})`}`);
	return /* @__PURE__ */ T("svg", {
		width: a,
		height: Rt,
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
			n.map((e, t) => /* @__PURE__ */ w(Ut, {
				answer: e.answer,
				x: o(t),
				y: r[t] ?? 0
			}, `${e.at}${t}`))
		]
	});
}
function Ut({ answer: e, x: t, y: n }) {
	let r = `var(--chakra-colors-${Vt[e] ?? "purple"}-solid)`;
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
var Wt = 6;
function Gt({ criteria: e, now: t }) {
	return e.length === 0 ? null : /* @__PURE__ */ w(Z, {
		title: "Criteria",
		children: /* @__PURE__ */ w(Q, {
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
						/* @__PURE__ */ w(p, {
							fontSize: "xs",
							color: "fg.muted",
							fontWeight: "normal",
							overflowWrap: "anywhere",
							children: e.question
						})
					] }),
					`${e.wanted}${e.seconds ? ` for ${e.seconds} s` : ""}`,
					/* @__PURE__ */ w(Kt, {
						criterion: e,
						now: t
					})
				]
			}))
		})
	});
}
function Kt({ criterion: e, now: t }) {
	let { shown: n, left: r } = At(e.series, Wt);
	return n.length === 0 ? /* @__PURE__ */ w(C, { children: "not read yet" }) : /* @__PURE__ */ T(C, { children: [n.map((n) => /* @__PURE__ */ w(qt, {
		series: n,
		criterion: e,
		now: t
	}, n.node ?? "")), r > 0 && /* @__PURE__ */ T(p, {
		fontSize: "xs",
		color: "fg.muted",
		children: [r, " more nodes, every reading passed"]
	})] });
}
function qt({ series: e, criterion: t, now: n }) {
	let r = e.points.at(-1);
	return /* @__PURE__ */ T(c, { children: [
		/* @__PURE__ */ w(Ht, {
			criterion: t,
			series: e
		}),
		" ",
		/* @__PURE__ */ w("strong", { children: kt(e) }),
		e.node && ` on ${e.node}`,
		r && /* @__PURE__ */ w(c, {
			as: "span",
			color: "fg.muted",
			children: `: ${r.why ?? r.observed ?? ""} (${I(r.at, void 0, n)}, ${r.phase})`
		})
	] });
}
// src/release/Matrix.tsx
var Jt = {
	done: "green.fg",
	working: "blue.fg",
	failed: "red.fg",
	unknown: "purple.fg",
	"left out": "orange.fg",
	undone: "fg.muted",
	"not started": "fg.muted"
};
function Yt({ release: e, now: t }) {
	let [n, r] = a(""), [i, o] = a(""), s = $t(), d = Dt(e.matrix, n, i), m = e.components.length > 1;
	return /* @__PURE__ */ T(Z, {
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
								children: Ct[e]
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
					/* @__PURE__ */ w(f, {
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
					children: [/* @__PURE__ */ w(p, {
						fontWeight: "semibold",
						overflowWrap: "anywhere",
						children: e.node
					}), e.cells.map((e) => /* @__PURE__ */ T(c, {
						mt: "1",
						overflowWrap: "anywhere",
						children: [m && `${e.component}: `, /* @__PURE__ */ w(Zt, {
							cell: e,
							now: t
						})]
					}, e.component))]
				}, e.node))
			}) : /* @__PURE__ */ w(Q, {
				label: "Nodes and components",
				head: ["node", ...e.components],
				children: d.map((n) => /* @__PURE__ */ w(Xt, {
					row: n,
					components: e.components,
					now: t
				}, n.node))
			}),
			d.length < e.matrix.length && /* @__PURE__ */ T(p, {
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
var Xt = n(function({ row: e, components: t, now: n }) {
	return /* @__PURE__ */ T("tr", { children: [/* @__PURE__ */ w("th", {
		scope: "row",
		children: e.node
	}), t.map((t) => {
		let r = e.cells.find((e) => e.component === t);
		return /* @__PURE__ */ w("td", { children: r ? /* @__PURE__ */ w(Zt, {
			cell: r,
			now: n
		}) : "–" }, t);
	})] });
}, (e, t) => JSON.stringify(e.row) === JSON.stringify(t.row) && e.components.length === t.components.length && (e.now === t.now || !t.row.cells.some((e) => e.began && !e.ended)));
function Zt({ cell: e, now: t }) {
	let n = Tt(e, t);
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ T("span", {
			style: {
				color: `var(--chakra-colors-${Jt[e.standing].replace(".", "-")})`,
				fontWeight: 600,
				whiteSpace: "nowrap"
			},
			children: [
				/* @__PURE__ */ w("span", {
					"aria-hidden": "true",
					children: Ct[e.standing]
				}),
				" ",
				e.standing
			]
		}),
		" ",
		Et(e),
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
var Qt = "(max-width: 48em)";
function $t() {
	let [e, t] = a(() => matchMedia(Qt).matches);
	return r(() => {
		let e = matchMedia(Qt), n = () => t(e.matches);
		return e.addEventListener("change", n), () => e.removeEventListener("change", n);
	}, []), e;
}
// src/release/Messages.tsx
var en = {
	sent: "✓ sent",
	"not sent": "✕ NOT sent",
	"perhaps sent": "? perhaps sent"
};
function tn({ messages: e, zone: t, now: n }) {
	return /* @__PURE__ */ w(Z, {
		title: `Messages (${e.length})`,
		children: e.length === 0 ? /* @__PURE__ */ w(p, {
			fontSize: "sm",
			color: "fg.muted",
			children: "none yet"
		}) : /* @__PURE__ */ w(Q, {
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
					/* @__PURE__ */ w(V, {
						at: e.at,
						zone: t,
						now: n
					}),
					`${en[e.state] ?? e.state}${e.receipt ? `: ${e.receipt}` : ""}`
				]
			}))
		})
	});
}
// src/release/Rail.tsx
var nn = {
	over: "✓",
	now: "▶",
	ahead: "○",
	"not needed": "–",
	"not reached": "–"
};
function rn({ phases: e, zone: t, now: n }) {
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
			children: [/* @__PURE__ */ T(p, {
				fontWeight: e.state === "now" ? "bold" : "medium",
				children: [
					/* @__PURE__ */ T("span", {
						"aria-hidden": "true",
						children: [nn[e.state], " "]
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
			}), /* @__PURE__ */ w(an, {
				phase: e,
				zone: t,
				now: n
			})]
		}, e.number))
	});
}
function an({ phase: e, zone: t, now: n }) {
	let { began: r, ended: i, planned_begin: a, planned_end: o } = e, s = (e) => /* @__PURE__ */ w(V, {
		at: e,
		zone: t,
		now: n
	});
	return /* @__PURE__ */ T(C, { children: [r && /* @__PURE__ */ T(p, { children: [s(r), i && ` for ${wt(Date.parse(i) - Date.parse(r))}`] }), !e.state.startsWith("not ") && (a || o) && /* @__PURE__ */ T(p, {
		color: "fg.muted",
		children: [
			"planned",
			a && /* @__PURE__ */ T(C, { children: [" from ", s(a)] }),
			o && /* @__PURE__ */ T(C, { children: [" until ", s(o)] })
		]
	})] });
}
// src/release/ReleasePage.tsx
var on = 1500;
function sn() {
	let { plan: e = "", run: t = "" } = ie();
	return /* @__PURE__ */ T(C, { children: [/* @__PURE__ */ w(p, {
		mb: "2",
		fontSize: "sm",
		children: /* @__PURE__ */ w(g, {
			to: v,
			style: { textDecoration: "underline" },
			children: "All releases"
		})
	}), /* @__PURE__ */ w(ln, {
		plan: e,
		run: t
	})] });
}
function cn({ dagId: e = "", runId: t = "" }) {
	return /* @__PURE__ */ T(c, {
		as: "section",
		"aria-label": "Release",
		p: "3",
		width: "100%",
		overflowY: "auto",
		children: [/* @__PURE__ */ w(p, {
			mb: "2",
			fontSize: "sm",
			children: /* @__PURE__ */ w(g, {
				to: y("runs", e, t),
				style: { textDecoration: "underline" },
				children: "On a page of its own"
			})
		}), /* @__PURE__ */ w(ln, {
			plan: e,
			run: t
		})]
	});
}
function ln({ plan: e, run: t }) {
	let n = x(`releases/${encodeURIComponent(e)}/${encodeURIComponent(t)}`, on), r = B();
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(d, {
			as: "h1",
			size: "xl",
			overflowWrap: "anywhere",
			children: e
		}),
		/* @__PURE__ */ w(E, { seen: n }),
		n.found === null ? n.problem === null && /* @__PURE__ */ w(p, {
			role: "status",
			children: "Reading its record…"
		}) : /* @__PURE__ */ w(un, {
			release: n.found,
			now: r
		})
	] });
}
function un({ release: e, now: t }) {
	return /* @__PURE__ */ T(C, { children: [/* @__PURE__ */ w(dn, {
		release: e,
		now: t
	}), !e.damaged && /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(rn, {
			phases: e.phases,
			zone: e.timezone,
			now: t
		}),
		/* @__PURE__ */ w(Yt, {
			release: e,
			now: t
		}),
		/* @__PURE__ */ w(Gt, {
			criteria: e.criteria,
			now: t
		}),
		/* @__PURE__ */ w(Ft, {
			release: e,
			now: t
		}),
		/* @__PURE__ */ w(pn, {
			release: e,
			now: t
		}),
		/* @__PURE__ */ w(tn, {
			messages: e.messages,
			zone: e.timezone,
			now: t
		})
	] })] });
}
function dn({ release: e, now: t }) {
	let n = e, r = He(n), i = Ge(n), a = e.release && (e.previous ? `${e.previous} → ${e.release}` : e.release);
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ T(p, {
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
				/* @__PURE__ */ w(g, {
					to: L(n),
					style: { textDecoration: "underline" },
					children: e.run
				})
			]
		}),
		e.summary && /* @__PURE__ */ w(p, {
			overflowWrap: "anywhere",
			children: e.summary
		}),
		/* @__PURE__ */ T(p, {
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
				r && /* @__PURE__ */ T(fn, {
					what: r.what,
					children: [
						/* @__PURE__ */ w(V, {
							at: r.at,
							zone: e.timezone,
							now: t
						}),
						", ",
						Ve(r.at, t)
					]
				}),
				e.budget && /* @__PURE__ */ T(fn, {
					what: `budget of ${e.budget.component}`,
					children: [
						Math.max(0, e.budget.allowed - e.budget.failed),
						" of ",
						e.budget.allowed,
						" left"
					]
				}),
				e.wave && !e.ended && /* @__PURE__ */ T(fn, {
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
		i && /* @__PURE__ */ T(p, {
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
						e.question?.until && `, silence is taken for an answer at ${I(e.question.until, void 0, t)}`
					]
				})
			]
		})
	] });
}
function fn({ what: e, children: t }) {
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
function pn({ release: e, now: t }) {
	let n = e.backout;
	return /* @__PURE__ */ w(Z, {
		title: "What a backout would do",
		children: n ? /* @__PURE__ */ T(p, {
			overflowWrap: "anywhere",
			"data-testid": "backout",
			children: [
				"It ",
				n.sentence,
				". ",
				n.authority.join(" or "),
				" may order it",
				n.until && /* @__PURE__ */ T(C, { children: [", and people may ask for it until ", /* @__PURE__ */ w(V, {
					at: n.until,
					zone: e.timezone,
					now: t
				})] }),
				"."
			]
		}) : /* @__PURE__ */ w(p, { children: "Nothing: no component of this run has begun, or what had is undone." })
	});
}
// src/HoldForm.tsx
function mn({ found: e }) {
	let [t, n] = a(!1), [r, i] = a(""), [o, s] = a(null), [d, m] = a(!1), h = e.hold ? "resume" : "hold";
	if (!e.may.hold) return null;
	let g = async () => {
		m(!0);
		let e = await Qe(h, r);
		m(!1), s(e), e === null && (i(""), n(!1));
	};
	return t ? /* @__PURE__ */ T(c, {
		as: "form",
		borderWidth: "1px",
		borderRadius: "md",
		p: "3",
		width: "100%",
		onSubmit: (e) => {
			e.preventDefault(), g();
		},
		children: [
			/* @__PURE__ */ w(p, {
				fontSize: "sm",
				mb: "2",
				children: h === "hold" ? "No plan will start a new wave and no window will open, until somebody resumes. What runs goes on; no backout is held." : "All plans go on from where they are."
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
					/* @__PURE__ */ w(f, {
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
						children: h === "hold" ? "Hold all" : "Resume all"
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
			o && /* @__PURE__ */ w(p, {
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
		children: h === "hold" ? "Hold all…" : "Resume all…"
	});
}
// src/NodeBar.tsx
var hn = {
	done: "green.solid",
	working: "blue.solid",
	failed: "red.solid",
	unknown: "purple.solid",
	"left out": "orange.solid",
	undone: "gray.solid",
	"not started": "border.emphasized"
}, gn = Object.keys(hn);
function _n({ row: e }) {
	let t = gn.flatMap((t) => {
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
			bg: hn[e]
		}, e))
	}), /* @__PURE__ */ T(p, {
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
function vn({ row: e }) {
	let t = e.phase?.number ?? 0, n = e.phase ? `${t} of ${Fe.length}: ${e.phase.name}` : e.damaged ? "not known" : "planned", r = t === 5 || (e.nodes.undone ?? 0) > 0, i = (e) => e <= t && (e !== 5 || r);
	return /* @__PURE__ */ T(u, {
		align: "center",
		gap: "2",
		fontSize: "sm",
		children: [/* @__PURE__ */ w(u, {
			gap: "1",
			"aria-hidden": "true",
			children: Fe.map((e, n) => /* @__PURE__ */ w(c, {
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
var yn = {
	"needs you": "orange.solid",
	running: "blue.solid",
	waiting: "gray.solid",
	"next 7 days": "border.emphasized"
}, bn = /* @__PURE__ */ new Set([
	"backout_failed",
	"unknown",
	"missed",
	"window_missed"
]), xn = /* @__PURE__ */ new Set([
	"success",
	"success_with_issues",
	"nothing_to_do"
]);
function Sn(e) {
	return e.damaged || bn.has(e.outcome ?? "") ? "red.solid" : xn.has(e.outcome ?? "") ? "green.solid" : yn[e.lane] ?? "gray.solid";
}
var Cn = n(function({ row: e, now: t }) {
	let n = Ke(e);
	return /* @__PURE__ */ w(c, {
		as: "article",
		borderWidth: "1px",
		borderColor: "border",
		borderLeftWidth: "4px",
		borderLeftColor: Sn(e),
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
							children: /* @__PURE__ */ w(g, {
								to: We(e),
								style: { textDecoration: "underline" },
								children: e.plan
							})
						}),
						/* @__PURE__ */ w(p, {
							fontSize: "sm",
							color: "fg.muted",
							overflowWrap: "anywhere",
							children: [
								e.product && e.release ? `${e.product} ${e.release}` : e.product,
								e.environment,
								e.owner && `by ${e.owner}`
							].filter(Boolean).join(" · ")
						}),
						/* @__PURE__ */ T(p, {
							mt: "1",
							overflowWrap: "anywhere",
							"data-testid": "sentence",
							children: [
								e.damaged && /* @__PURE__ */ w("strong", { children: "Damaged record: " }),
								e.outcome && !e.damaged && /* @__PURE__ */ T("strong", { children: [e.outcome.replaceAll("_", " "), ": "] }),
								e.sentence
							]
						}),
						n && /* @__PURE__ */ T(p, {
							mt: "2",
							children: [
								/* @__PURE__ */ w("a", {
									href: Ge(e) ?? void 0,
									style: {
										textDecoration: "underline",
										fontWeight: 600
									},
									children: e.may.answer ? "Answer" : "See the question"
								}),
								" ",
								"(",
								/* @__PURE__ */ w(g, {
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
					children: [/* @__PURE__ */ w(vn, { row: e }), /* @__PURE__ */ w(c, {
						mt: "2",
						children: /* @__PURE__ */ w(_n, { row: e })
					})]
				}),
				/* @__PURE__ */ w(c, {
					flex: "1 1 0",
					minWidth: "0",
					fontSize: "sm",
					children: /* @__PURE__ */ w(wn, {
						row: e,
						now: t
					})
				})
			]
		})
	});
});
function wn({ row: e, now: t }) {
	let n = He(e), { seats: r, budget: i, wave: a } = e;
	return /* @__PURE__ */ T(c, {
		as: "dl",
		display: "grid",
		gridTemplateColumns: "auto 1fr",
		columnGap: "3",
		rowGap: "1",
		m: "0",
		children: [
			n && /* @__PURE__ */ T($, {
				what: n.what,
				children: [
					I(n.at, void 0, t),
					", ",
					Ve(n.at, t),
					I(n.at, e.timezone, t) !== I(n.at, void 0, t) && /* @__PURE__ */ w(c, {
						as: "span",
						color: "fg.muted",
						children: `; ${Re(n.at, e.timezone, t)}`
					})
				]
			}),
			a && e.phase && !e.ended && /* @__PURE__ */ T($, {
				what: "wave",
				children: [
					a.number,
					" of ",
					a.of,
					", ",
					a.title
				]
			}),
			r && !e.ended && /* @__PURE__ */ T($, {
				what: "approval",
				children: [
					r.taken,
					" of ",
					r.of,
					r.by.length > 0 && ` (${r.by.join(", ")})`,
					r.missing.length > 0 && `, missing: ${r.missing.join(" or ")}`
				]
			}),
			i && e.began && /* @__PURE__ */ T($, {
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
function $({ what: e, children: t }) {
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
var Tn = {
	"needs you": "Needs you",
	running: "Running",
	waiting: "Waiting",
	"next 7 days": "Next 7 days",
	"ended in 24 h": "Ended in 24 hours"
};
function En() {
	let e = z(), t = B();
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(d, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Releases"
		}),
		/* @__PURE__ */ w(E, { seen: e }),
		e.found === null ? e.problem === null && /* @__PURE__ */ w(p, {
			role: "status",
			children: "Reading plans and records…"
		}) : /* @__PURE__ */ w(Dn, {
			found: e.found,
			now: t
		})
	] });
}
function Dn({ found: e, now: t }) {
	let [n, r] = Je(), i = Ie(e.rows, n);
	return /* @__PURE__ */ T(C, { children: [
		/* @__PURE__ */ w(p, { children: Ue(e, t) }),
		e.hold && /* @__PURE__ */ T(p, {
			role: "status",
			fontWeight: "semibold",
			borderLeftWidth: "4px",
			borderLeftColor: "orange.solid",
			pl: "2",
			my: "2",
			children: ["Everything is ", e.hold.sentence]
		}),
		/* @__PURE__ */ w(On, { found: e }),
		/* @__PURE__ */ T(u, {
			gap: "4",
			my: "3",
			wrap: "wrap",
			align: "center",
			justify: "space-between",
			children: [/* @__PURE__ */ w(Ye, {
				rows: e.rows,
				filter: n,
				choose: r
			}), /* @__PURE__ */ w(mn, { found: e })]
		}),
		e.lanes.map((e) => /* @__PURE__ */ w(kn, {
			lane: e,
			rows: i.filter((t) => t.lane === e),
			now: t
		}, e))
	] });
}
function On({ found: e }) {
	return [e.unread > 0 && `Still reading: ${e.unread} runs or plan files.`, e.rejected > 0 && `Not shown: ${e.rejected} plan files with problems; see Airflow's import errors, or deployplan lint.`].filter((e) => !!e).map((e) => /* @__PURE__ */ w(p, {
		fontSize: "sm",
		color: "fg.muted",
		role: "status",
		children: e
	}, e));
}
function kn({ lane: e, rows: t, now: n }) {
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
				Tn[e],
				" (",
				t.length,
				")"
			]
		}), t.length === 0 ? /* @__PURE__ */ w(p, {
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
				children: /* @__PURE__ */ w(Cn, {
					row: e,
					now: n
				})
			}, `${e.plan}/${e.run}`))
		})]
	});
}
// src/pages.tsx
var An = [
	{
		path: "",
		label: "Releases",
		Component: En
	},
	{
		path: "runs/:plan/:run",
		Component: sn
	},
	{
		path: "nodes",
		label: "Nodes",
		Component: ft
	},
	{
		path: "nodes/:environment/:node",
		Component: ot
	},
	{
		path: "calendar",
		label: "Calendar",
		Component: ke
	}
];
function jn() {
	return /* @__PURE__ */ T(c, {
		as: "main",
		p: {
			base: "3",
			md: "6"
		},
		maxWidth: "1600px",
		width: "100%",
		overflowY: "auto",
		children: [/* @__PURE__ */ w(Mn, {}), /* @__PURE__ */ T(ne, { children: [An.map(({ path: e, Component: t }) => /* @__PURE__ */ w(te, {
			path: e,
			element: /* @__PURE__ */ w(Nn, { Component: t })
		}, e)), /* @__PURE__ */ w(te, {
			path: "*",
			element: /* @__PURE__ */ w(Pn, {})
		})] })]
	});
}
function Mn() {
	let e = An.filter((e) => e.label);
	return e.length < 2 ? null : /* @__PURE__ */ w(c, {
		as: "nav",
		"aria-label": "Pages of deployplan",
		display: "flex",
		flexWrap: "wrap",
		gap: "4",
		mb: "3",
		borderBottomWidth: "1px",
		borderColor: "border",
		children: e.map(({ path: e, label: t }) => /* @__PURE__ */ w(ee, {
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
function Nn({ Component: e }) {
	let { pathname: t } = re();
	return /* @__PURE__ */ w(o, {
		instead: "This page broke; the others stand. `deployplan status` and `deployplan nodes` tell the same.",
		children: /* @__PURE__ */ w(e, {})
	}, t);
}
function Pn() {
	let { pathname: e } = re();
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
function Fn() {
	let { found: e } = z(1e4), t = B();
	return e === null ? null : /* @__PURE__ */ T(c, {
		borderWidth: "1px",
		borderRadius: "md",
		px: "3",
		py: "2",
		mb: "3",
		children: [
			/* @__PURE__ */ w(g, {
				to: "/plugin/releases",
				style: { textDecoration: "underline" },
				children: "Releases"
			}),
			": ",
			Ue(e, t)
		]
	});
}
function In() {
	let { found: e } = z(15e3);
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
var Ln = "The page of releases broke; `deployplan status` tells the same.", Rn = globalThis, zn = {
	Releases: [jn, Ln],
	Release: [cn, Ln],
	"Deployplan strip": [Fn, null],
	"Deployplan banner": [In, null]
}, Bn = [
	"React",
	"ReactDOM",
	"ReactJSXRuntime",
	"ReactRouterDOM",
	"ChakraUI"
].filter((e) => Rn[e] === void 0);
for (let [e, [t, n]] of Object.entries(zn)) Rn[e] = Bn.length > 0 ? () => n && `This Airflow gives plugins no ${Bn.join(", ")}. ${Ln}` : (e) => /* @__PURE__ */ w(o, {
	instead: n,
	children: /* @__PURE__ */ w(t, { ...e })
});
