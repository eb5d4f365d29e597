// \0host:react
var e = globalThis.React ?? {}, t = e.Component, n = e.memo, r = e.useEffect, i = e.useId, a = e.useRef, o = e.useState, s = class extends t {
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
}, c = globalThis.ChakraUI ?? {}, l = c.Box, u = c.Button, d = c.Flex, f = c.Heading, p = c.Input, m = c.Text, h = c.Textarea, g = c.chakra, _ = globalThis.ReactRouterDOM ?? {}, v = _.Link, ee = _.NavLink, y = _.Route, te = _.Routes, ne = _.useLocation, re = _.useParams, b = _.useSearchParams, ie = "/plugin/releases";
function x(...e) {
	return [ie, ...e.map(encodeURIComponent)].join("/");
}
function S(e) {
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
			let t = await fetch(S(this.path), {
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
				problem: await w(e)
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
	let [n, i] = o(e.known);
	return r(() => e.follow(i, t), [e, t]), n;
}
function C(e, t = ae) {
	let [n, r] = o(() => ({
		path: e,
		poll: new se(e)
	})), i = n;
	return n.path !== e && (i = {
		path: e,
		poll: new se(e)
	}, r(i)), ce(i.poll, t);
}
async function w(e) {
	try {
		let { detail: t } = await e.json();
		if (typeof t == "string") return t;
	} catch {}
	return `Airflow answered ${e.status}`;
}
// \0host:react/jsx-runtime
var le = globalThis.ReactJSXRuntime ?? {}, T = le.Fragment, E = le.jsx, D = le.jsxs;
// src/Problem.tsx
function O({ seen: e }) {
	if (e.problem === null) return null;
	let t = encodeURIComponent(location.href);
	return /* @__PURE__ */ D(l, {
		role: "alert",
		borderLeftWidth: "4px",
		borderLeftColor: "red.solid",
		pl: "2",
		my: "2",
		children: [/* @__PURE__ */ D(m, {
			overflowWrap: "anywhere",
			children: [e.problem, e.found !== null && " What is shown below may be out of date."]
		}), e.signedOut && /* @__PURE__ */ E("a", {
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
function fe(e) {
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
function pe(e) {
	return e.kind === "free" ? "free" : e.plan === null ? e.what : `${e.plan.name}, ${e.plan.state}`;
}
function me(e, t, n) {
	let [r, i] = [Date.parse(t), Date.parse(n)], a = Math.max(Date.parse(e.start), r), o = Math.min(e.end === null ? i : Date.parse(e.end), i);
	return a >= i || o <= r ? null : {
		left: 100 * (a - r) / (i - r),
		width: 100 * Math.max(0, o - a) / (i - r)
	};
}
function he(e, t) {
	let n = e.days[t]?.begins ?? e.end, r = e.days[t + 1]?.begins ?? e.end;
	return e.entries.filter((e) => me(e, n, r) !== null);
}
function ge(e, t = 0) {
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
function _e(e) {
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
function ve() {
	return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
// src/calendar/Agenda.tsx
function ye(e) {
	let t = `/dags/${encodeURIComponent(e.name)}`;
	return e.run ? `${t}/runs/${encodeURIComponent(e.run)}` : t;
}
function be({ found: e }) {
	let t = (t, n) => Date.parse(t.start) < Date.parse(e.days[n + 1]?.begins ?? e.end) && (n === 0 || Date.parse(t.start) >= Date.parse(e.days[n]?.begins ?? e.end)), n = e.days.map((n, r) => ({
		day: n,
		entries: e.entries.filter((e) => t(e, r))
	})).filter(({ entries: e }) => e.length > 0);
	return n.length === 0 ? /* @__PURE__ */ E(m, {
		mt: "3",
		children: "Nothing happens in this time."
	}) : /* @__PURE__ */ E(l, {
		mt: "3",
		children: n.map(({ day: t, entries: n }) => /* @__PURE__ */ D(l, {
			as: "section",
			mt: "3",
			"aria-labelledby": `day-${t.date}`,
			children: [/* @__PURE__ */ D(f, {
				as: "h3",
				size: "sm",
				id: `day-${t.date}`,
				children: [k(t.date, !0), t.date === e.today && " (today)"]
			}), /* @__PURE__ */ E(l, {
				as: "ul",
				listStyleType: "none",
				p: "0",
				children: n.map((e, t) => /* @__PURE__ */ E(xe, { entry: e }, t))
			})]
		}, t.date))
	});
}
function xe({ entry: e }) {
	let { plan: t } = e;
	return /* @__PURE__ */ D(l, {
		as: "li",
		display: "flex",
		flexWrap: "wrap",
		columnGap: "3",
		py: "1",
		fontSize: "sm",
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ D(l, {
				as: "span",
				flex: "0 1 20rem",
				minWidth: "0",
				children: [
					/* @__PURE__ */ D("span", {
						"aria-hidden": "true",
						children: [fe(e), " "]
					}),
					e.begins,
					" to ",
					e.ends
				]
			}),
			/* @__PURE__ */ E(l, {
				as: "span",
				minWidth: "4rem",
				children: e.kind
			}),
			/* @__PURE__ */ E(l, {
				as: "span",
				flex: "1 1 20rem",
				minWidth: "0",
				children: t ? /* @__PURE__ */ D(T, { children: [/* @__PURE__ */ E(v, {
					to: ye(t),
					style: { textDecoration: "underline" },
					children: t.name
				}), e.what.startsWith(t.name) ? e.what.slice(t.name.length) : ` ${e.what}`] }) : e.what
			})
		]
	});
}
// src/calendar/MonthGrid.tsx
var Se = 6;
function Ce({ found: e }) {
	return /* @__PURE__ */ E(l, {
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
			let r = he(e, n);
			return /* @__PURE__ */ D(l, {
				as: "li",
				minHeight: "6rem",
				p: "1",
				borderRightWidth: "1px",
				borderBottomWidth: "1px",
				borderColor: "border",
				bg: t.asked_for ? "bg" : "bg.muted",
				fontSize: "xs",
				children: [
					/* @__PURE__ */ D(m, {
						fontWeight: t.date === e.today ? "bold" : "normal",
						children: [k(t.date), t.date === e.today && " (today)"]
					}),
					r.slice(0, Se).map((e, t) => /* @__PURE__ */ D(m, {
						truncate: !0,
						lineHeight: "1.5rem",
						title: `${e.begins} to ${e.ends}: ${e.what}`,
						children: [
							fe(e),
							" ",
							e.plan ? /* @__PURE__ */ E(v, {
								to: ye(e.plan),
								children: pe(e)
							}) : pe(e)
						]
					}, t)),
					r.length > Se && /* @__PURE__ */ D(m, { children: [
						"and ",
						r.length - Se,
						" more"
					] })
				]
			}, t.date);
		})
	});
}
// src/calendar/SlotFinder.tsx
var we = 6e4, Te = "choose a plan";
function Ee({ found: e }) {
	let [t, n] = b(), r = t.get("plan") ?? "", i = (e, t) => {
		let r = new URLSearchParams(location.search);
		t === Te ? r.delete(e) : r.set(e, t), n(r, { replace: !0 });
	}, a = [
		...e.entries.flatMap((e) => e.plan ? [e.plan.name] : []),
		...e.without_opening,
		...e.any_time
	], o = [.../* @__PURE__ */ new Set([
		Te,
		...r ? [r] : [],
		...a.sort()
	])];
	return /* @__PURE__ */ D(l, {
		as: "section",
		mt: "5",
		"aria-labelledby": "deployplan-fits",
		children: [
			/* @__PURE__ */ E(f, {
				as: "h2",
				size: "md",
				id: "deployplan-fits",
				children: "Where does a plan fit next?"
			}),
			/* @__PURE__ */ E(l, {
				my: "2",
				fontSize: "sm",
				children: /* @__PURE__ */ E(A, {
					name: "plan",
					value: r || Te,
					offered: o,
					choose: i
				})
			}),
			r && /* @__PURE__ */ E(De, { plan: r })
		]
	});
}
function De({ plan: e }) {
	let t = C(`plans/${encodeURIComponent(e)}/slot`, we), n = t.found?.slots.filter((e) => e.taken_by.length > 0) ?? [];
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ E(O, { seen: t }),
		t.found === null && t.problem === null && /* @__PURE__ */ E(m, {
			role: "status",
			children: "Looking…"
		}),
		t.found && /* @__PURE__ */ D(m, {
			role: "status",
			overflowWrap: "anywhere",
			fontWeight: "medium",
			children: [t.found.fits ? "✓ " : "✗ ", t.found.sentence]
		}),
		n.length > 0 && /* @__PURE__ */ E(l, {
			as: "ul",
			fontSize: "sm",
			pl: "5",
			children: n.map((e) => /* @__PURE__ */ E(l, {
				as: "li",
				overflowWrap: "anywhere",
				children: `${e.opens.slice(0, 16).replace("T", " ")} (${e.timezone}): taken by ${e.taken_by.join(", ")}`
			}, e.opens))
		})
	] });
}
// src/calendar/Timeline.tsx
var Oe = {
	window: "blue.solid",
	freeze: "red.solid",
	free: "green.solid",
	plan: "border.emphasized"
}, ke = .04;
function Ae({ found: e }) {
	return /* @__PURE__ */ E(l, {
		display: {
			base: "none",
			md: "block"
		},
		role: "region",
		"aria-label": "Timeline of the week",
		tabIndex: 0,
		overflowX: "auto",
		my: "3",
		children: /* @__PURE__ */ D(l, {
			minWidth: "60rem",
			borderWidth: "1px",
			borderColor: "border",
			borderRadius: "md",
			children: [/* @__PURE__ */ E(d, {
				ml: "7rem",
				position: "relative",
				height: "2rem",
				children: e.days.map((t, n) => {
					let r = e.days[n + 1]?.begins ?? e.end;
					return /* @__PURE__ */ D(m, {
						width: `${100 * (Date.parse(r) - Date.parse(t.begins)) / (Date.parse(e.end) - Date.parse(e.start))}%`,
						px: "1",
						borderLeftWidth: "1px",
						fontSize: "sm",
						fontWeight: t.date === e.today ? "bold" : "normal",
						children: [k(t.date), t.date === e.today && " (today)"]
					}, t.date);
				})
			}), ue.map((t) => /* @__PURE__ */ E(je, {
				title: de[t],
				entries: e.entries.filter((e) => e.kind === t),
				found: e
			}, t))]
		})
	});
}
function je({ title: e, entries: t, found: n }) {
	let r = ge(t, ke * (Date.parse(n.end) - Date.parse(n.start)));
	return /* @__PURE__ */ D(d, {
		borderTopWidth: "1px",
		borderColor: "border",
		children: [/* @__PURE__ */ E(m, {
			width: "7rem",
			flex: "none",
			p: "1",
			fontSize: "sm",
			children: e
		}), /* @__PURE__ */ D(l, {
			flex: "1",
			minWidth: "0",
			children: [r.length === 0 && /* @__PURE__ */ E(m, {
				fontSize: "sm",
				color: "fg.muted",
				p: "1",
				children: "none"
			}), r.map((e, t) => /* @__PURE__ */ E(l, {
				position: "relative",
				height: "2rem",
				children: e.map((e, t) => /* @__PURE__ */ E(Me, {
					entry: e,
					found: n
				}, t))
			}, t))]
		})]
	});
}
function Me({ entry: e, found: t }) {
	let n = me(e, t.start, t.end);
	if (n === null) return null;
	let r = {
		left: `${n.left}%`,
		width: `${n.width}%`
	}, i = `${e.begins} to ${e.ends}: ${e.what || "free"}`, a = `${fe(e)} ${pe(e)}`;
	return /* @__PURE__ */ E(l, {
		position: "absolute",
		top: "0.15rem",
		minWidth: "2rem",
		height: "1.7rem",
		style: r,
		title: i,
		borderWidth: "1px",
		borderLeftWidth: "4px",
		boxSizing: "border-box",
		borderColor: e.plan?.conflict ? "orange.solid" : Oe[e.kind],
		borderStyle: e.kind === "free" ? "dashed" : "solid",
		bg: "bg.muted",
		borderRadius: "sm",
		fontSize: "xs",
		px: e.plan ? "0" : "1",
		overflow: "hidden",
		lineHeight: "1.6rem",
		whiteSpace: "nowrap",
		textOverflow: "ellipsis",
		children: e.plan ? /* @__PURE__ */ E(v, {
			to: ye(e.plan),
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
var Ne = 3e4;
function Pe() {
	let [e] = b(), t = C(_e(e), Ne), [n, r] = o(null);
	t.found !== null && t.found !== n && r(t.found);
	let i = t.found ?? n;
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ E(f, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Calendar"
		}),
		/* @__PURE__ */ E(O, { seen: t }),
		i === null ? t.problem === null && /* @__PURE__ */ E(m, {
			role: "status",
			children: "Reading plans and windows…"
		}) : /* @__PURE__ */ E(Fe, { found: i })
	] });
}
function Fe({ found: e }) {
	let t = e.scale === "week" ? `${k(e.first)} to ${k(e.last)} ${e.last.slice(0, 4)}` : Ie(e.first);
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ E(Re, { found: e }),
		/* @__PURE__ */ D(f, {
			as: "h2",
			size: "md",
			mt: "4",
			children: [
				e.environment,
				", ",
				t
			]
		}),
		/* @__PURE__ */ D(m, { children: [
			"Times in ",
			/* @__PURE__ */ E("strong", { children: e.zone }),
			e.zone !== e.timezone && ` (the environment's own is ${e.timezone})`
		] }),
		/* @__PURE__ */ E(Le, { found: e }),
		e.scale === "week" ? /* @__PURE__ */ E(Ae, { found: e }) : /* @__PURE__ */ E(Ce, { found: e }),
		/* @__PURE__ */ E(be, { found: e }),
		/* @__PURE__ */ E(Ee, { found: e }),
		/* @__PURE__ */ E(m, {
			mt: "4",
			children: /* @__PURE__ */ E("a", {
				href: S(`calendar.ics?environment=${encodeURIComponent(e.environment)}`),
				download: !0,
				style: { textDecoration: "underline" },
				children: "Download as iCalendar file (.ics)"
			})
		})
	] });
}
function Ie(e) {
	return new Intl.DateTimeFormat("en-GB", {
		month: "long",
		year: "numeric",
		timeZone: "UTC"
	}).format(/* @__PURE__ */ new Date(`${e}T00:00:00Z`));
}
function Le({ found: e }) {
	return [
		e.without_opening.length > 0 && `No opening of this time fits: ${e.without_opening.join(", ")}.`,
		e.any_time.length > 0 && `At any time: ${e.any_time.join(", ")}.`,
		...Object.entries(e.left_out).map(([e, t]) => `Not shown: ${t} more of kind ${e}.`)
	].filter((e) => !!e).map((e) => /* @__PURE__ */ E(m, {
		fontSize: "sm",
		color: "fg.muted",
		overflowWrap: "anywhere",
		children: e
	}, e));
}
function Re({ found: e }) {
	let [t, n] = b(), r = (e, t) => {
		let r = new URLSearchParams(location.search);
		r.set(e, t), n(r, { replace: !0 });
	}, i = [.../* @__PURE__ */ new Set([
		e.timezone,
		ve(),
		"UTC",
		e.zone
	])];
	return /* @__PURE__ */ D(d, {
		gap: "4",
		wrap: "wrap",
		align: "center",
		my: "2",
		fontSize: "sm",
		children: [
			/* @__PURE__ */ E(A, {
				name: "environment",
				value: e.environment,
				offered: e.environments,
				choose: r
			}),
			/* @__PURE__ */ E(A, {
				name: "scale",
				value: e.scale,
				offered: ["week", "month"],
				choose: r
			}),
			/* @__PURE__ */ E(A, {
				name: "zone",
				value: e.zone,
				offered: i,
				choose: r
			}),
			/* @__PURE__ */ D(d, {
				as: "nav",
				"aria-label": "Period",
				gap: "3",
				children: [
					/* @__PURE__ */ E(ze, {
						chosen: t,
						around: e.before,
						children: "← earlier"
					}),
					/* @__PURE__ */ E(ze, {
						chosen: t,
						around: e.today,
						children: "today"
					}),
					/* @__PURE__ */ E(ze, {
						chosen: t,
						around: e.after,
						children: "later →"
					})
				]
			})
		]
	});
}
function ze({ chosen: e, around: t, children: n }) {
	let r = new URLSearchParams(e);
	return r.set("around", t), /* @__PURE__ */ E(v, {
		to: { search: `?${r.toString()}` },
		style: { textDecoration: "underline" },
		children: n
	});
}
function A(e) {
	let t = `deployplan-calendar-${e.name}`;
	return /* @__PURE__ */ D(l, { children: [/* @__PURE__ */ D("label", {
		htmlFor: t,
		children: [e.name, " "]
	}), /* @__PURE__ */ E(g.select, {
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
		children: e.offered.map((e) => /* @__PURE__ */ E("option", {
			value: e,
			children: e
		}, e))
	})] });
}
// src/Choice.tsx
function Be(e) {
	let { label: t, value: n, offered: r, choose: i } = e, a = `deployplan-${t.replaceAll(" ", "-")}`;
	return /* @__PURE__ */ D(l, {
		fontSize: "sm",
		children: [/* @__PURE__ */ D("label", {
			htmlFor: a,
			children: [t, " "]
		}), /* @__PURE__ */ D(g.select, {
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
			children: [/* @__PURE__ */ E("option", {
				value: "",
				children: "all"
			}), [.../* @__PURE__ */ new Set([...r, ...n ? [n] : []])].map((e) => /* @__PURE__ */ E("option", {
				value: e,
				children: e
			}, e))]
		})]
	});
}
// src/tonight.ts
var Ve = [
	"review",
	"window",
	"deploy",
	"verify",
	"backout",
	"outcome"
];
function He(e, t) {
	return e.filter((e) => (!t.environment || e.environment === t.environment) && (!t.product || e.product === t.product) && (!t.person || Ue(e).includes(t.person)));
}
function Ue(e) {
	let { question: t, seats: n, owner: r } = e;
	return [.../* @__PURE__ */ new Set([
		...t?.people ?? [],
		...n?.by ?? [],
		...n?.missing ?? [],
		...r ? [r] : []
	])];
}
function We(e, t) {
	return [...new Set(e.flatMap(t).filter((e) => !!e))].sort();
}
function j(e, t, n) {
	let r = new Date(e), i = (e) => e.toLocaleDateString("en-CA", { timeZone: t }), a = Math.abs(r.getTime() - n.getTime()) > 6 * qe;
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
function Ge(e, t, n) {
	let r = j(e, t, n);
	return r.endsWith(` ${t}`) ? r : `${r} (${t})`;
}
var Ke = 6e4, qe = 1440 * Ke, Je = 3e4;
function Ye(e, t) {
	let n = Date.parse(e) - t.getTime();
	if (Math.abs(n) <= 3e4) return "now";
	let r = Math.max(1, Math.round(Math.abs(n) / Ke)), i = Math.floor(r / 1440), a = Math.floor(r % 1440 / 60), o = (i ? [`${i} d`, a ? `${a} h` : ""] : a ? [`${a} h`, `${r % 60} min`] : [`${r} min`]).filter(Boolean).join(" ");
	return n >= 0 ? `in ${o}` : `${o} ago`;
}
function Xe(e) {
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
function Ze(e, t) {
	let n = (t) => e.rows.filter((e) => e.lane === t).length, r = e.rows.filter((e) => e.began && !e.ended).length, i = [r === 1 ? "1 release runs" : `${r || "no"} releases run`], a = n("needs you");
	i.push(a === 1 ? "1 waits for you" : `${a || "none"} wait for you`);
	let o = e.rows.filter((e) => e.opens && Date.parse(e.opens) > t.getTime());
	o.sort((e, t) => Date.parse(e.opens ?? "") - Date.parse(t.opens ?? ""));
	let s = o[0];
	return s?.opens && i.push(`next opening ${Ge(s.opens, s.timezone, t)}`), i.join(" · ");
}
function Qe(e) {
	return e.run ? x("runs", e.plan, e.run) : $e(e);
}
function $e(e) {
	let t = `/dags/${encodeURIComponent(e.plan)}`;
	return e.run ? `${t}/runs/${encodeURIComponent(e.run)}` : t;
}
function et(e) {
	let t = `deployplan/m/${encodeURIComponent(e.plan)}/${encodeURIComponent(e.run ?? "")}`;
	return e.question && e.run ? new URL(t, document.baseURI).href : null;
}
function tt(e) {
	return `waits for ${e.people.join(" or ")} (${e.task})`;
}
function nt(e) {
	let { budget: t, began: n } = e;
	return t && n ? `${Math.max(0, t.allowed - t.failed)} of ${t.allowed} left (${t.component})` : null;
}
function rt(e) {
	return e.question && e.run ? `${$e(e)}/tasks/${encodeURIComponent(e.question.task)}/required_actions` : null;
}
// src/Filters.tsx
var it = [
	"environment",
	"product",
	"person"
];
function at() {
	let [e, t] = M(), [n, r, i] = it.map((t) => e.get(t) ?? "");
	return [{
		environment: n,
		product: r,
		person: i
	}, (e, n) => t({ [e]: n })];
}
function M() {
	let [e, t] = b();
	return [e, (e) => {
		let n = new URLSearchParams(location.search);
		for (let [t, r] of Object.entries(e)) r ? n.set(t, r) : n.delete(t);
		t(n, { replace: !0 });
	}];
}
function ot(e) {
	let { rows: t, filter: n, choose: r } = e, i = {
		environment: We(t, (e) => [e.environment]),
		product: We(t, (e) => [e.product]),
		person: We(t, Ue)
	};
	return /* @__PURE__ */ E(d, {
		gap: "3",
		wrap: "wrap",
		children: it.map((e) => /* @__PURE__ */ E(Be, {
			label: e,
			value: n[e],
			offered: i[e],
			choose: (t) => r(e, t)
		}, e))
	});
}
// src/release/TwoClocks.tsx
function N({ at: e, zone: t, now: n }) {
	let r = j(e, void 0, n);
	return /* @__PURE__ */ D("time", {
		dateTime: e,
		children: [r, j(e, t, n) !== r && /* @__PURE__ */ D("span", {
			style: { color: "var(--chakra-colors-fg-muted)" },
			children: [
				" (",
				Ge(e, t, n),
				")"
			]
		})]
	});
}
// src/When.tsx
function P({ at: e, zone: t, now: n }) {
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ E(N, {
			at: e,
			zone: t,
			now: n
		}),
		", ",
		Ye(e, n)
	] });
}
// src/nodes/nodes.ts
var st = [
	"environment",
	"product",
	"state",
	"holder",
	"verified",
	"q"
];
function ct(e, t = {}, n = st) {
	let r = new URLSearchParams();
	for (let t of n) {
		let n = e.get(t);
		n && r.set(t, n);
	}
	for (let [e, n] of Object.entries(t)) n && r.set(e, n);
	return r.toString();
}
var lt = {
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
function ut(e) {
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
var F = { textDecoration: "underline" }, dt = {
	done: "green.solid",
	working: "blue.solid",
	failed: "red.solid",
	unknown: "purple.solid",
	"left out": "orange.solid",
	"not known": "red.solid"
};
function ft({ state: e }) {
	return /* @__PURE__ */ D(l, {
		as: "span",
		whiteSpace: "nowrap",
		borderLeftWidth: "4px",
		borderLeftColor: dt[e] ?? "border.emphasized",
		pl: "2",
		children: [/* @__PURE__ */ D("span", {
			"aria-hidden": "true",
			children: [lt[e] ?? "•", " "]
		}), e]
	});
}
function I({ run: e }) {
	return /* @__PURE__ */ D(v, {
		to: x("runs", e.plan, e.run),
		style: F,
		children: [
			e.plan,
			" ",
			e.run
		]
	});
}
function pt({ row: e, now: t }) {
	return e.installed.length === 0 ? /* @__PURE__ */ E(L, { children: "nothing recorded" }) : e.installed.map((n) => /* @__PURE__ */ D(l, {
		mb: "1",
		overflowWrap: "anywhere",
		"data-testid": "installed",
		children: [
			/* @__PURE__ */ D("strong", { children: [
				n.product,
				" ",
				n.component,
				" ",
				n.version || "none"
			] }),
			" ",
			n.event,
			" ",
			/* @__PURE__ */ E(P, {
				at: n.since,
				zone: e.timezone,
				now: t
			}),
			" ",
			"by ",
			/* @__PURE__ */ E(I, { run: n }),
			", ",
			n.verified ? "verified" : "not verified",
			n.verified_by && n.verified_by !== n.run && ` by run ${n.verified_by}`
		]
	}, `${n.product}/${n.component}`));
}
function mt({ row: e, now: t }) {
	return e.holder === null ? /* @__PURE__ */ E(L, { children: "nobody" }) : /* @__PURE__ */ D(l, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ E(I, { run: e.holder }),
			" since ",
			/* @__PURE__ */ E(P, {
				at: e.holder.since,
				zone: e.timezone,
				now: t
			}),
			e.holder.frozen && /* @__PURE__ */ D(m, {
				fontWeight: "medium",
				children: ["frozen: ", e.holder.frozen]
			}),
			e.jobs.map((n) => /* @__PURE__ */ D(m, { children: [
				n.component,
				" ",
				n.step,
				" runs since ",
				/* @__PURE__ */ E(P, {
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
function ht({ row: e }) {
	return /* @__PURE__ */ D(l, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ E(ft, { state: e.state }),
			e.last && (e.state !== "done" || e.last.outcome === null) && /* @__PURE__ */ D(m, { children: [
				"in ",
				/* @__PURE__ */ E(I, { run: e.last }),
				e.last.outcome === null && ", which goes on"
			] }),
			e.drained && /* @__PURE__ */ E(m, {
				fontWeight: "medium",
				children: e.drained
			}),
			e.why && /* @__PURE__ */ E(m, { children: e.why }),
			e.problems.map((e) => /* @__PURE__ */ D(m, { children: [
				/* @__PURE__ */ E("strong", { children: "Not known:" }),
				" ",
				e.plan,
				" ",
				e.run,
				": ",
				e.sentence
			] }, `${e.plan}/${e.run}`)),
			e.hidden > 0 && /* @__PURE__ */ D(L, { children: [e.hidden, " more of plans that you may not read"] }),
			!e.declared && /* @__PURE__ */ E(L, { children: "not in the environment's file" })
		]
	});
}
function gt({ row: e, now: t }) {
	return e.next === null ? /* @__PURE__ */ E(L, { children: "nothing within 7 days" }) : /* @__PURE__ */ D(l, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ E(v, {
				to: `/dags/${encodeURIComponent(e.next.plan)}`,
				style: F,
				children: e.next.plan
			}),
			e.next.release && ` (${e.next.release})`,
			" opens ",
			/* @__PURE__ */ E(P, {
				at: e.next.opens,
				zone: e.timezone,
				now: t
			})
		]
	});
}
function L({ children: e }) {
	return /* @__PURE__ */ E(l, {
		as: "span",
		color: "fg.muted",
		children: e
	});
}
function _t({ found: e }) {
	return [
		e.unread > 0 && `Still reading: ${e.unread} runs; until then nodes may have more on them than is shown.`,
		e.older > 0 && `${e.older} earlier runs are not looked at here; deployplan evidence tells of them.`,
		...Object.entries(e.broken).map(([e, t]) => `The file of ${e} cannot be read: ${t}`)
	].filter((e) => !!e).map((e) => /* @__PURE__ */ E(m, {
		fontSize: "sm",
		color: "fg.muted",
		role: "status",
		overflowWrap: "anywhere",
		children: e
	}, e));
}
function vt({ row: e, now: t }) {
	return /* @__PURE__ */ E(l, {
		as: "dl",
		display: "grid",
		gridTemplateColumns: "auto minmax(0, 1fr)",
		columnGap: "4",
		rowGap: "1",
		my: "3",
		children: [
			["stands", /* @__PURE__ */ E(ht, { row: e }, "stands")],
			["installed", /* @__PURE__ */ E(pt, {
				row: e,
				now: t
			}, "installed")],
			["held by", /* @__PURE__ */ E(mt, {
				row: e,
				now: t
			}, "held")],
			["next plan", /* @__PURE__ */ E(gt, {
				row: e,
				now: t
			}, "next")]
		].map(([e, t]) => /* @__PURE__ */ D(l, {
			display: "contents",
			children: [/* @__PURE__ */ E(l, {
				as: "dt",
				color: "fg.muted",
				children: e
			}), /* @__PURE__ */ E(l, {
				as: "dd",
				m: "0",
				children: t
			})]
		}, e))
	});
}
// src/Search.tsx
var yt = 300;
function bt({ value: e, hint: t, search: n }) {
	let [i, s] = o(e), c = a(void 0);
	return r(() => s(e), [e]), r(() => {
		if (i.trim() !== e) return c.current = setTimeout(() => n(i.trim()), yt), () => clearTimeout(c.current);
	}, [i]), /* @__PURE__ */ D(l, {
		fontSize: "sm",
		children: [/* @__PURE__ */ E("label", {
			htmlFor: "deployplan-q",
			children: "search "
		}), /* @__PURE__ */ E(p, {
			id: "deployplan-q",
			type: "search",
			size: "sm",
			width: "16rem",
			maxWidth: "100%",
			maxLength: 250,
			value: i,
			placeholder: t,
			onChange: (e) => s(e.target.value),
			onBlur: () => {
				clearTimeout(c.current), i.trim() !== e && n(i.trim());
			}
		})]
	});
}
// src/store.ts
var xt = new se("tonight", (e) => e.unread > 0);
function St() {
	return xt.refresh();
}
function Ct(e) {
	return ce(xt, e);
}
function R() {
	let [e, t] = o(() => /* @__PURE__ */ new Date());
	return r(() => {
		let e = setInterval(() => t(/* @__PURE__ */ new Date()), Je);
		return () => clearInterval(e);
	}, []), e;
}
async function wt(e, t) {
	try {
		let n = await fetch(S(e), {
			method: "POST",
			credentials: "same-origin",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ reason: t })
		});
		return n.ok ? (await St(), null) : await w(n);
	} catch (e) {
		return `Airflow does not answer: ${e instanceof Error ? e.message : String(e)}`;
	}
}
// src/useIsWide.ts
var Tt = "(min-width: 64em)";
function Et() {
	let [e, t] = o(() => matchMedia(Tt).matches);
	return r(() => {
		let e = matchMedia(Tt), n = () => t(e.matches);
		return e.addEventListener("change", n), () => e.removeEventListener("change", n);
	}, []), e;
}
// src/history/history.ts
var Dt = [
	"ticket",
	"feature",
	"person",
	"node"
], Ot = [
	"environment",
	"product",
	"outcome",
	"q",
	"within",
	"after"
];
function kt(e) {
	let t = [...new Set(e.map((e) => e.environment))].sort(), n = [...new Set(e.map((e) => e.product))].sort(), r = (t, n) => e.find((e) => e.product === t && e.environment === n);
	return {
		environments: t,
		rows: n.map((e) => ({
			product: e,
			cells: t.map((t) => r(e, t))
		}))
	};
}
function At(e) {
	return e.replaceAll("_", " ");
}
var jt = /* @__PURE__ */ new Set(["success", "nothing_to_do"]), Mt = /* @__PURE__ */ new Set([
	"backout_failed",
	"left_drained",
	"unknown"
]);
function Nt(e) {
	return jt.has(e) ? "✓" : Mt.has(e) ? "!" : e === "success_with_issues" ? "~" : e === "backed_out" ? "↩" : "✗";
}
// src/history/Outcome.tsx
function Pt({ outcome: e }) {
	return /* @__PURE__ */ D("span", {
		style: { whiteSpace: "nowrap" },
		children: [/* @__PURE__ */ D("span", {
			"aria-hidden": "true",
			children: [Nt(e), " "]
		}), At(e)]
	});
}
// src/history/CurrentGrid.tsx
function Ft({ current: e, now: t }) {
	let n = Et(), { environments: r, rows: i } = kt(e);
	return /* @__PURE__ */ D(l, {
		as: "section",
		"aria-labelledby": "current",
		mt: "3",
		children: [/* @__PURE__ */ E(f, {
			as: "h2",
			size: "md",
			id: "current",
			children: "What is where"
		}), e.length === 0 ? /* @__PURE__ */ E(L, { children: "no run has ended" }) : n && r.length <= 4 ? /* @__PURE__ */ D(l, {
			as: "table",
			fontSize: "sm",
			mt: "2",
			width: "100%",
			style: {
				borderCollapse: "collapse",
				tableLayout: "fixed"
			},
			children: [/* @__PURE__ */ E("thead", { children: /* @__PURE__ */ E("tr", { children: ["product", ...r].map((e) => /* @__PURE__ */ E(l, {
				as: "th",
				textAlign: "start",
				p: "2",
				color: "fg.muted",
				fontWeight: "medium",
				children: e
			}, e)) }) }), /* @__PURE__ */ E("tbody", { children: i.map((e) => /* @__PURE__ */ D(l, {
				as: "tr",
				borderTopWidth: "1px",
				borderColor: "border",
				children: [/* @__PURE__ */ E("th", {
					scope: "row",
					style: {
						textAlign: "start",
						padding: "0.5rem",
						verticalAlign: "top",
						overflowWrap: "anywhere"
					},
					children: e.product
				}), e.cells.map((e, n) => /* @__PURE__ */ E("td", {
					style: {
						padding: "0.5rem",
						verticalAlign: "top"
					},
					children: e ? /* @__PURE__ */ E(It, {
						cell: e,
						now: t
					}) : /* @__PURE__ */ E(L, { children: "never released" })
				}, r[n]))]
			}, e.product)) })]
		}) : /* @__PURE__ */ E(d, {
			as: "ul",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: e.map((e) => /* @__PURE__ */ D(l, {
				as: "li",
				borderTopWidth: "1px",
				borderColor: "border",
				py: "2",
				fontSize: "sm",
				children: [
					/* @__PURE__ */ E("strong", { children: e.product }),
					" in ",
					e.environment,
					/* @__PURE__ */ E(It, {
						cell: e,
						now: t
					})
				]
			}, `${e.product}/${e.environment}`))
		})]
	});
}
function It({ cell: e, now: t }) {
	let { since: n, later: r } = e;
	return /* @__PURE__ */ D(l, {
		overflowWrap: "anywhere",
		children: [
			n ? /* @__PURE__ */ D(T, { children: [
				/* @__PURE__ */ E("strong", { children: n.release ?? "not known" }),
				" ",
				/* @__PURE__ */ E(Pt, { outcome: n.outcome }),
				/* @__PURE__ */ D(m, { children: [
					"since ",
					/* @__PURE__ */ E(P, {
						at: n.ended,
						zone: n.timezone,
						now: t
					}),
					", by ",
					/* @__PURE__ */ E(I, { run: n })
				] }),
				/* @__PURE__ */ E(m, { children: n.approved_by.length > 0 ? `approved by ${n.approved_by.join(", ")}` : "approved by nobody" }),
				n.problem && /* @__PURE__ */ D(m, { children: ["Not known: ", n.problem] })
			] }) : /* @__PURE__ */ E(L, { children: e.hidden ? "not known" : "no release is known" }),
			e.hidden && /* @__PURE__ */ D(m, { children: [
				/* @__PURE__ */ E("strong", { children: "! Not known what is there: " }),
				n ? "a later run is" : "the last runs are",
				" of a plan that you may not read"
			] }),
			r && /* @__PURE__ */ D(m, { children: [
				e.doubt && !e.hidden && /* @__PURE__ */ E("strong", { children: "! Nobody knows what is there since: " }),
				"then ",
				r.release,
				" ",
				/* @__PURE__ */ E(Pt, { outcome: r.outcome }),
				" ",
				/* @__PURE__ */ E(P, {
					at: r.ended,
					zone: r.timezone,
					now: t
				}),
				", by ",
				/* @__PURE__ */ E(I, { run: r })
			] })
		]
	});
}
// src/history/History.tsx
var Lt = 15e3;
function Rt() {
	let e = R(), t = C("history/current", Lt);
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ E(f, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "History"
		}),
		/* @__PURE__ */ E(O, { seen: t }),
		t.found === null ? t.problem === null && /* @__PURE__ */ E(m, {
			role: "status",
			children: "Reading the records of the runs…"
		}) : /* @__PURE__ */ D(T, { children: [/* @__PURE__ */ E(Ft, {
			current: t.found.current,
			now: e
		}), /* @__PURE__ */ E(zt, { found: t.found })] }),
		/* @__PURE__ */ E(Bt, { now: e })
	] });
}
function zt({ found: e }) {
	return /* @__PURE__ */ D(l, {
		as: "section",
		"aria-labelledby": "missed",
		mt: "5",
		children: [
			/* @__PURE__ */ D(f, {
				as: "h2",
				size: "md",
				id: "missed",
				children: [
					"Missed windows (",
					e.missed.length,
					")"
				]
			}),
			e.reading && /* @__PURE__ */ E(L, { children: "Being looked for…" }),
			e.problem && /* @__PURE__ */ D(m, {
				overflowWrap: "anywhere",
				children: ["It cannot be told which: ", e.problem]
			}),
			e.missed.length === 0 && !e.reading && !e.problem && /* @__PURE__ */ E(L, { children: "nothing" }),
			/* @__PURE__ */ E(l, {
				as: "ul",
				fontSize: "sm",
				pl: "4",
				children: e.missed.map((e) => /* @__PURE__ */ D(l, {
					as: "li",
					overflowWrap: "anywhere",
					children: [
						/* @__PURE__ */ E("strong", { children: e.plan }),
						" (",
						e.environment,
						", by ",
						e.owner,
						"): ",
						e.reason,
						"; ",
						e.what_became_of_it
					]
				}, e.plan))
			})
		]
	});
}
function Bt({ now: e }) {
	let [t, n] = M(), r = C(`history?${ct(t, {}, Ot)}`, Lt), i = r.found?.choices, a = (e) => n({
		...e,
		after: ""
	}), o = (e, n) => /* @__PURE__ */ E(Be, {
		label: e,
		value: t.get(e) ?? "",
		offered: n,
		choose: (t) => a({ [e]: t })
	}, e);
	return /* @__PURE__ */ D(l, {
		as: "section",
		"aria-labelledby": "over",
		mt: "5",
		children: [
			/* @__PURE__ */ E(f, {
				as: "h2",
				size: "md",
				id: "over",
				children: "Runs that are over"
			}),
			/* @__PURE__ */ D(d, {
				as: "form",
				role: "search",
				gap: "3",
				my: "3",
				wrap: "wrap",
				align: "center",
				onSubmit: (e) => e.preventDefault(),
				children: [
					/* @__PURE__ */ E(bt, {
						value: t.get("q") ?? "",
						hint: "ticket, feature, person, node…",
						search: (e) => a({ q: e })
					}),
					o("within", Dt),
					o("environment", i?.environment ?? []),
					o("product", i?.product ?? []),
					o("outcome", i?.outcome ?? [])
				]
			}),
			/* @__PURE__ */ E(O, { seen: r }),
			r.found && /* @__PURE__ */ E(Vt, {
				found: r.found,
				now: e,
				from: t.get("after") ?? "",
				turn: (e) => n({ after: e })
			})
		]
	});
}
function Vt(e) {
	let { found: t, now: n, from: r, turn: i } = e;
	return /* @__PURE__ */ D(T, { children: [
		t.runs.length === 0 && /* @__PURE__ */ E(m, {
			role: "status",
			children: t.cut ? "None among those that were looked at so far." : "No run is like that."
		}),
		/* @__PURE__ */ E(d, {
			as: "ol",
			direction: "column",
			p: "0",
			listStyleType: "none",
			children: t.runs.map((e) => /* @__PURE__ */ E(l, {
				as: "li",
				borderTopWidth: "1px",
				borderColor: "border",
				py: "2",
				fontSize: "sm",
				children: /* @__PURE__ */ E(Ht, {
					run: e,
					now: n
				})
			}, `${e.plan}/${e.run}`))
		}),
		t.next === null && t.older > 0 && /* @__PURE__ */ D(L, { children: [t.older, " earlier runs are not looked at here; deployplan evidence tells of them."] }),
		/* @__PURE__ */ D(d, {
			gap: "4",
			my: "3",
			children: [r && /* @__PURE__ */ E("button", {
				type: "button",
				style: F,
				onClick: () => i(""),
				children: "From the latest run"
			}), t.next && /* @__PURE__ */ E("button", {
				type: "button",
				style: F,
				onClick: () => i(t.next ?? ""),
				children: t.cut ? "Look further back" : "Earlier runs"
			})]
		})
	] });
}
var Ht = n(function({ run: e, now: t }) {
	return /* @__PURE__ */ D(d, {
		as: "article",
		direction: {
			base: "column",
			md: "row"
		},
		gap: {
			base: "1",
			md: "6"
		},
		overflowWrap: "anywhere",
		"aria-label": `${e.plan} ${e.run}`,
		children: [
			/* @__PURE__ */ D(l, {
				flex: "2 1 0",
				minWidth: "0",
				children: [
					/* @__PURE__ */ D("strong", { children: [
						e.product,
						" ",
						e.release
					] }),
					" ",
					"in ",
					e.environment,
					": ",
					/* @__PURE__ */ E(Pt, { outcome: e.outcome }),
					/* @__PURE__ */ D(m, { children: [
						/* @__PURE__ */ E(I, { run: e }),
						", ended ",
						/* @__PURE__ */ E(P, {
							at: e.ended,
							zone: e.timezone,
							now: t
						})
					] }),
					e.because && /* @__PURE__ */ E(m, { children: e.because }),
					e.problem && /* @__PURE__ */ D(m, { children: [
						/* @__PURE__ */ E("strong", { children: "Not known:" }),
						" ",
						e.problem
					] })
				]
			}),
			/* @__PURE__ */ D(l, {
				flex: "1 1 0",
				minWidth: "0",
				children: [
					/* @__PURE__ */ E(m, { children: e.approved_by.length > 0 ? `approved by ${e.approved_by.join(", ")}` : "approved by nobody" }),
					e.author && /* @__PURE__ */ D(L, { children: ["planned by ", e.author] }),
					e.pace && /* @__PURE__ */ D(m, { children: [
						"took ",
						ut(e.pace.seconds),
						e.pace.usual !== null && `, p90 ${ut(e.pace.usual)}`,
						": ",
						e.pace.sentence
					] })
				]
			}),
			/* @__PURE__ */ D(l, {
				flex: "1 1 0",
				minWidth: "0",
				children: [
					e.tickets.length > 0 && /* @__PURE__ */ D(m, { children: ["tickets: ", e.tickets.join(", ")] }),
					Object.keys(e.features).length > 0 && /* @__PURE__ */ D(m, { children: ["features: ", Object.keys(e.features).join(", ")] }),
					/* @__PURE__ */ D(m, { children: [
						e.node_count === 1 ? "1 node" : `${e.node_count} nodes`,
						": ",
						e.nodes.slice(0, 5).join(", "),
						e.node_count > 5 && ", …"
					] })
				]
			})
		]
	});
});
// src/nodes/NodePage.tsx
function Ut() {
	let { environment: e = "", node: t = "" } = re(), [n, r] = M(), i = n.get("before") ?? "", a = `nodes/${encodeURIComponent(e)}/${encodeURIComponent(t)}`, o = C(i ? `${a}?before=${encodeURIComponent(i)}` : a), s = R();
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ D(f, {
			as: "h1",
			size: "xl",
			mb: "1",
			overflowWrap: "anywhere",
			children: [
				t,
				" ",
				/* @__PURE__ */ D(L, { children: [
					"(",
					e,
					")"
				] })
			]
		}),
		/* @__PURE__ */ E(m, {
			fontSize: "sm",
			children: /* @__PURE__ */ E(v, {
				to: x("nodes"),
				style: F,
				children: "All nodes"
			})
		}),
		/* @__PURE__ */ E(O, { seen: o }),
		o.found === null ? o.problem === null && /* @__PURE__ */ E(m, {
			role: "status",
			children: "Reading the records of the runs…"
		}) : /* @__PURE__ */ E(Wt, {
			found: o.found,
			now: s,
			before: i,
			turn: (e) => r({ before: e })
		})
	] });
}
function Wt(e) {
	let { found: t, now: n, before: r, turn: i } = e, a = t.node;
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ E(_t, { found: t }),
		/* @__PURE__ */ E(vt, {
			row: a,
			now: n
		}),
		/* @__PURE__ */ D(f, {
			as: "h2",
			size: "md",
			mt: "4",
			children: [
				"Runs on this node (",
				t.matching,
				")"
			]
		}),
		/* @__PURE__ */ E(d, {
			as: "ol",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: t.runs.map((e) => /* @__PURE__ */ E(l, {
				as: "li",
				borderTopWidth: "1px",
				borderColor: "border",
				py: "2",
				fontSize: "sm",
				children: /* @__PURE__ */ E(Gt, {
					run: e,
					zone: a.timezone,
					now: n
				})
			}, `${e.plan}/${e.run}`))
		}),
		/* @__PURE__ */ D(d, {
			gap: "4",
			my: "3",
			children: [r && /* @__PURE__ */ E("button", {
				type: "button",
				style: F,
				onClick: () => i(""),
				children: "From the latest run"
			}), t.next && /* @__PURE__ */ E("button", {
				type: "button",
				style: F,
				onClick: () => i(t.next ?? ""),
				children: "Earlier runs"
			})]
		})
	] });
}
function Gt({ run: e, zone: t, now: n }) {
	return /* @__PURE__ */ D(l, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ D(m, { children: [
				/* @__PURE__ */ D("strong", { children: [
					e.product,
					" ",
					e.release
				] }),
				" ",
				"by ",
				/* @__PURE__ */ E(I, { run: e }),
				": run ",
				e.outcome ? e.outcome.replaceAll("_", " ") : "under way",
				e.at && /* @__PURE__ */ D(T, { children: [", ", /* @__PURE__ */ E(P, {
					at: e.at,
					zone: t,
					now: n
				})] })
			] }),
			e.problem && /* @__PURE__ */ D(m, { children: [
				/* @__PURE__ */ E("strong", { children: "Not known:" }),
				" ",
				e.problem
			] }),
			e.standing && /* @__PURE__ */ D(m, { children: ["this node: ", /* @__PURE__ */ E(ft, { state: e.standing })] }),
			e.results.map((e) => /* @__PURE__ */ E(m, {
				pl: "4",
				children: Kt(e)
			}, e.component))
		]
	});
}
function Kt(e) {
	let t = e.seconds === null ? "" : ` after ${ut(e.seconds)}`, n = e.exit === null ? "" : `, exit ${e.exit}`, r = e.why ? `: ${e.why}` : "", i = e.job ? ` (${e.step} job ${e.job})` : "";
	return `${e.component}: ${e.standing}${t}${n}${r}${i}`;
}
// src/nodes/Nodes.tsx
function qt() {
	let [e, t] = M(), n = C(`nodes?${ct(e, { after: e.get("after") ?? "" })}`), r = R();
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ E(f, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Nodes"
		}),
		/* @__PURE__ */ E(O, { seen: n }),
		/* @__PURE__ */ E(Jt, {
			said: e,
			say: (e) => t({
				...e,
				after: ""
			}),
			choices: n.found?.choices
		}),
		n.found === null ? n.problem === null && /* @__PURE__ */ E(m, {
			role: "status",
			children: "Reading the records of the runs…"
		}) : /* @__PURE__ */ E(Yt, {
			found: n.found,
			said: e,
			say: t,
			now: r
		})
	] });
}
function Jt({ said: e, say: t, choices: n }) {
	let r = (n, r) => /* @__PURE__ */ E(Be, {
		label: n,
		value: e.get(n) ?? "",
		offered: r,
		choose: (e) => t({ [n]: e })
	}, n);
	return /* @__PURE__ */ D(d, {
		as: "form",
		role: "search",
		gap: "3",
		my: "3",
		wrap: "wrap",
		align: "center",
		onSubmit: (e) => e.preventDefault(),
		children: [
			/* @__PURE__ */ E(bt, {
				value: e.get("q") ?? "",
				hint: "node, release, run…",
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
function Yt({ found: e, said: t, say: n, now: r }) {
	let i = Et(), a = ct(t);
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ D(d, {
			gap: "4",
			wrap: "wrap",
			justify: "space-between",
			align: "baseline",
			children: [/* @__PURE__ */ D(m, {
				role: "status",
				children: [
					e.matching,
					" of ",
					e.total,
					" nodes"
				]
			}), /* @__PURE__ */ D(d, {
				gap: "4",
				fontSize: "sm",
				children: [/* @__PURE__ */ E("a", {
					href: S(`nodes?${a}&format=csv`),
					download: "nodes.csv",
					style: F,
					children: "CSV"
				}), /* @__PURE__ */ E("a", {
					href: S(`nodes?${a}&limit=1000`),
					style: F,
					children: "JSON"
				})]
			})]
		}),
		/* @__PURE__ */ E(_t, { found: e }),
		e.rows.length === 0 ? /* @__PURE__ */ E(m, {
			my: "3",
			children: "No node is like that."
		}) : i ? /* @__PURE__ */ E(Qt, {
			rows: e.rows,
			now: r
		}) : /* @__PURE__ */ E(d, {
			as: "ul",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: e.rows.map((e) => /* @__PURE__ */ E(l, {
				as: "li",
				children: /* @__PURE__ */ E(en, {
					row: e,
					now: r
				})
			}, `${e.environment}/${e.node}`))
		}),
		/* @__PURE__ */ D(d, {
			gap: "4",
			my: "3",
			children: [t.get("after") && /* @__PURE__ */ E(Xt, {
				label: "From the first node",
				to: "",
				say: n
			}), e.next && /* @__PURE__ */ E(Xt, {
				label: "More nodes",
				to: e.next,
				say: n
			})]
		})
	] });
}
function Xt({ label: e, to: t, say: n }) {
	return /* @__PURE__ */ E("button", {
		type: "button",
		style: F,
		onClick: () => n({ after: t }),
		children: e
	});
}
var Zt = [
	"node",
	"installed",
	"stands",
	"held by",
	"next plan"
];
function Qt({ rows: e, now: t }) {
	return /* @__PURE__ */ D(l, {
		as: "table",
		width: "100%",
		fontSize: "sm",
		mt: "2",
		style: {
			borderCollapse: "collapse",
			tableLayout: "fixed"
		},
		children: [
			/* @__PURE__ */ E("colgroup", { children: [
				"14%",
				"34%",
				"20%",
				"18%",
				"14%"
			].map((e, t) => /* @__PURE__ */ E("col", { style: { width: e } }, t)) }),
			/* @__PURE__ */ E("thead", { children: /* @__PURE__ */ E("tr", { children: Zt.map((e) => /* @__PURE__ */ E(l, {
				as: "th",
				textAlign: "start",
				p: "2",
				color: "fg.muted",
				fontWeight: "medium",
				children: e
			}, e)) }) }),
			/* @__PURE__ */ E("tbody", { children: e.map((e) => /* @__PURE__ */ E($t, {
				row: e,
				now: t
			}, `${e.environment}/${e.node}`)) })
		]
	});
}
var z = {
	padding: "0.5rem",
	verticalAlign: "top"
}, $t = n(function({ row: e, now: t }) {
	return /* @__PURE__ */ D(l, {
		as: "tr",
		borderTopWidth: "1px",
		borderColor: "border",
		children: [
			/* @__PURE__ */ E("th", {
				scope: "row",
				style: {
					...z,
					textAlign: "start"
				},
				children: /* @__PURE__ */ E(tn, { row: e })
			}),
			/* @__PURE__ */ E("td", {
				style: z,
				children: /* @__PURE__ */ E(pt, {
					row: e,
					now: t
				})
			}),
			/* @__PURE__ */ E("td", {
				style: z,
				children: /* @__PURE__ */ E(ht, { row: e })
			}),
			/* @__PURE__ */ E("td", {
				style: z,
				children: /* @__PURE__ */ E(mt, {
					row: e,
					now: t
				})
			}),
			/* @__PURE__ */ E("td", {
				style: z,
				children: /* @__PURE__ */ E(gt, {
					row: e,
					now: t
				})
			})
		]
	});
}), en = n(function({ row: e, now: t }) {
	return /* @__PURE__ */ D(l, {
		as: "article",
		borderWidth: "1px",
		borderColor: "border",
		borderRadius: "md",
		p: "3",
		fontSize: "sm",
		"aria-label": `${e.node} (${e.environment})`,
		children: [/* @__PURE__ */ E(tn, { row: e }), /* @__PURE__ */ E(vt, {
			row: e,
			now: t
		})]
	});
});
function tn({ row: e }) {
	return /* @__PURE__ */ D(l, {
		overflowWrap: "anywhere",
		children: [/* @__PURE__ */ E(v, {
			to: x("nodes", e.environment, e.node),
			style: {
				...F,
				fontWeight: 600
			},
			children: e.node
		}), /* @__PURE__ */ E(l, {
			color: "fg.muted",
			fontWeight: "normal",
			children: e.environment
		})]
	});
}
// src/release/Section.tsx
function B({ title: e, children: t }) {
	let n = i();
	return /* @__PURE__ */ D(l, {
		as: "section",
		"aria-labelledby": n,
		mt: "6",
		children: [/* @__PURE__ */ E(f, {
			as: "h2",
			size: "md",
			id: n,
			mb: "2",
			children: e
		}), t]
	});
}
function V({ label: e, head: t, rows: n, children: r }) {
	return /* @__PURE__ */ E(l, {
		role: "region",
		"aria-label": e,
		tabIndex: 0,
		overflowX: "auto",
		css: an,
		children: /* @__PURE__ */ D("table", { children: [/* @__PURE__ */ E("thead", { children: /* @__PURE__ */ E("tr", { children: t.map((e) => /* @__PURE__ */ E("th", {
			scope: "col",
			children: e
		}, e)) }) }), /* @__PURE__ */ E("tbody", { children: r ?? n?.map(({ key: e, cells: [n, ...r] }) => /* @__PURE__ */ D("tr", { children: [/* @__PURE__ */ E("th", {
			scope: "row",
			"data-label": t[0],
			children: n
		}), r.map((e, n) => /* @__PURE__ */ E("td", {
			"data-label": t[n + 1],
			children: e
		}, t[n + 1]))] }, e)) })] })
	});
}
var nn = "var(--chakra-colors-fg-muted)", rn = "1px solid var(--chakra-colors-border)", an = {
	"& table": {
		position: "relative",
		borderCollapse: "collapse",
		width: "100%",
		fontSize: "0.875rem"
	},
	"& th, & td": {
		textAlign: "start",
		verticalAlign: "top",
		padding: "0.35rem 0.75rem 0.35rem 0",
		borderBottom: rn,
		overflowWrap: "anywhere"
	},
	"& th": { fontWeight: 500 },
	"& thead th": { color: nn },
	"@media (max-width: 48em)": {
		"& thead": {
			position: "absolute",
			clipPath: "inset(50%)"
		},
		"& tr": {
			display: "block",
			borderBottom: rn,
			padding: "0.4rem 0"
		},
		"& tbody th, & td": {
			display: "block",
			border: 0,
			padding: "0.1rem 0"
		},
		"& tbody th::before, & td::before": {
			content: "attr(data-label) \": \"",
			color: nn,
			fontWeight: 400
		}
	}
}, on = {
	border: "1px solid var(--chakra-colors-border)",
	padding: "0.2rem 0.5rem",
	textAlign: "start",
	verticalAlign: "top"
};
function sn({ blocks: e }) {
	return e.map((e, t) => /* @__PURE__ */ E(cn, { block: e }, t));
}
function cn({ block: e }) {
	switch (e.kind) {
		case "heading": return /* @__PURE__ */ E(f, {
			as: e.level < 3 ? "h3" : "h4",
			size: e.level < 3 ? "md" : "sm",
			mt: "4",
			mb: "1",
			overflowWrap: "anywhere",
			children: /* @__PURE__ */ E(H, { spans: e.spans })
		});
		case "paragraph": return /* @__PURE__ */ E(m, {
			my: "1",
			overflowWrap: "anywhere",
			children: /* @__PURE__ */ E(H, { spans: e.spans })
		});
		case "list": return /* @__PURE__ */ E(l, {
			as: e.ordered ? "ol" : "ul",
			pl: "5",
			my: "1",
			listStyleType: e.ordered ? "decimal" : "disc",
			children: e.items.map((e, t) => /* @__PURE__ */ E(l, {
				as: "li",
				overflowWrap: "anywhere",
				children: /* @__PURE__ */ E(H, { spans: e })
			}, t))
		});
		case "table": return /* @__PURE__ */ E(ln, {
			head: e.head,
			rows: e.rows
		});
		case "code": return /* @__PURE__ */ E(l, {
			as: "pre",
			whiteSpace: "pre-wrap",
			overflowWrap: "anywhere",
			bg: "bg.muted",
			p: "2",
			my: "1",
			fontSize: "sm",
			children: e.text
		});
	}
}
function ln({ head: e, rows: t }) {
	return /* @__PURE__ */ E(l, {
		role: "region",
		"aria-label": "table",
		tabIndex: 0,
		overflowX: "auto",
		my: "2",
		children: /* @__PURE__ */ D("table", {
			style: {
				borderCollapse: "collapse",
				fontSize: "0.875rem"
			},
			children: [/* @__PURE__ */ E("thead", { children: /* @__PURE__ */ E("tr", { children: e.map((e, t) => /* @__PURE__ */ E("th", {
				scope: "col",
				style: on,
				children: /* @__PURE__ */ E(H, { spans: e })
			}, t)) }) }), /* @__PURE__ */ E("tbody", { children: t.map((e, t) => /* @__PURE__ */ E("tr", { children: e.map((e, t) => /* @__PURE__ */ E("td", {
				style: on,
				children: /* @__PURE__ */ E(H, { spans: e })
			}, t)) }, t)) })]
		})
	});
}
function H({ spans: e }) {
	return e.map((e, t) => e.as === "code" ? /* @__PURE__ */ E("code", { children: e.text }, t) : e.as === "strong" ? /* @__PURE__ */ E("strong", { children: e.text }, t) : /* @__PURE__ */ E("span", { children: e.text }, t));
}
// src/plan/Findings.tsx
function un({ findings: e }) {
	return /* @__PURE__ */ E(l, {
		as: "ul",
		listStyleType: "none",
		p: "0",
		children: e.map((e, t) => /* @__PURE__ */ D(l, {
			as: "li",
			my: "2",
			pl: "2",
			borderLeftWidth: "4px",
			borderLeftColor: e.severity === "error" ? "red.solid" : "orange.solid",
			children: [
				/* @__PURE__ */ D(m, {
					overflowWrap: "anywhere",
					children: [
						/* @__PURE__ */ E("strong", { children: e.severity === "error" ? "✗ error" : "⚠ warning" }),
						" ",
						e.path,
						":",
						e.line,
						":",
						e.column,
						": ",
						e.message,
						" [",
						e.rule,
						"]"
					]
				}),
				e.snippet.length > 0 && /* @__PURE__ */ E(l, {
					as: "pre",
					role: "region",
					"aria-label": `line ${e.line} of ${e.path}`,
					tabIndex: 0,
					overflowX: "auto",
					bg: "bg.muted",
					p: "1",
					fontSize: "sm",
					children: e.snippet.join("\n")
				}),
				e.hint && /* @__PURE__ */ D(m, {
					overflowWrap: "anywhere",
					children: ["hint: ", e.hint]
				})
			]
		}, t))
	});
}
// src/plan/plan.ts
function dn(e, t) {
	return e === null || t === null ? "not known yet" : [e > 0 && `${e} error${e === 1 ? "" : "s"}`, t > 0 && `${t} warning${t === 1 ? "" : "s"}`].filter(Boolean).join(", ") || "no problems";
}
// src/plan/PlanPage.tsx
var fn = 15e3;
function pn() {
	let { plan: e = "" } = re();
	return /* @__PURE__ */ D(T, { children: [/* @__PURE__ */ E(f, {
		as: "h1",
		size: "xl",
		mb: "1",
		overflowWrap: "anywhere",
		children: e
	}), /* @__PURE__ */ E(hn, { plan: e })] });
}
function mn({ dagId: e }) {
	let t = e ?? "";
	return /* @__PURE__ */ D(l, {
		as: "section",
		"aria-label": "Plan",
		p: "3",
		width: "100%",
		overflowY: "auto",
		children: [
			/* @__PURE__ */ E(m, {
				mb: "2",
				fontSize: "sm",
				children: /* @__PURE__ */ E(v, {
					to: x("plans", t),
					style: { textDecoration: "underline" },
					children: "On a page of its own"
				})
			}),
			/* @__PURE__ */ E(f, {
				as: "h1",
				size: "xl",
				overflowWrap: "anywhere",
				children: t
			}),
			/* @__PURE__ */ E(hn, { plan: t })
		]
	});
}
function hn({ plan: e }) {
	let t = C(`plans/${encodeURIComponent(e)}`, fn), { found: n } = t;
	return /* @__PURE__ */ D(T, { children: [/* @__PURE__ */ E(O, { seen: t }), n === null ? t.problem === null && /* @__PURE__ */ E(m, {
		role: "status",
		children: "Reading the plan…"
	}) : /* @__PURE__ */ E(gn, { found: n })] });
}
function gn({ found: e }) {
	let { against: t, findings: n } = e;
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ E(m, {
			color: "fg.muted",
			overflowWrap: "anywhere",
			children: [
				`${e.product} ${e.release}`,
				e.environment,
				`by ${e.owner}`
			].join(" · ")
		}),
		/* @__PURE__ */ E(m, {
			overflowWrap: "anywhere",
			children: /* @__PURE__ */ E(v, {
				to: `/dags/${encodeURIComponent(e.plan)}`,
				style: { textDecoration: "underline" },
				children: "Its runs in Airflow"
			})
		}),
		/* @__PURE__ */ D(B, {
			title: "May it start now?",
			children: [/* @__PURE__ */ E(m, {
				overflowWrap: "anywhere",
				fontWeight: "medium",
				children: e.verdict
			}), /* @__PURE__ */ E(m, {
				overflowWrap: "anywhere",
				children: e.work
			})]
		}),
		/* @__PURE__ */ D(B, {
			title: "What lint says",
			children: [/* @__PURE__ */ E(m, {
				role: "status",
				children: dn(e.errors, e.warnings)
			}), n !== null && n.length > 0 && /* @__PURE__ */ E(un, { findings: n })]
		}),
		/* @__PURE__ */ D(B, {
			title: "What it changes",
			children: [
				/* @__PURE__ */ D(m, {
					overflowWrap: "anywhere",
					children: [
						"Compared with ",
						t.told,
						"."
					]
				}),
				t.digest !== null && t.lines.length === 0 && /* @__PURE__ */ E(m, { children: "The digests are the same: nothing differs." }),
				t.digest !== null && /* @__PURE__ */ D(m, {
					fontSize: "sm",
					overflowWrap: "anywhere",
					children: [
						"digest ",
						/* @__PURE__ */ E("code", { children: t.digest }),
						" there, ",
						/* @__PURE__ */ E("code", { children: e.digest }),
						" by the file"
					]
				}),
				/* @__PURE__ */ E(l, {
					as: "ul",
					pl: "5",
					children: t.lines.map((e) => /* @__PURE__ */ E(l, {
						as: "li",
						overflowWrap: "anywhere",
						children: e
					}, e))
				}),
				t.left_out > 0 && /* @__PURE__ */ D(m, { children: [
					"and ",
					t.left_out,
					" more"
				] })
			]
		}),
		/* @__PURE__ */ E(B, {
			title: "The plan, merged over its procedure",
			children: /* @__PURE__ */ E(sn, { blocks: e.page })
		})
	] });
}
// src/plan/PlansPage.tsx
var _n = 15e3;
function vn() {
	let e = C("plans", _n), t = C("rejected-plans", _n);
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ E(f, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Plans"
		}),
		/* @__PURE__ */ E(O, { seen: e }),
		t.found && t.found.files.length > 0 && /* @__PURE__ */ E(yn, { found: t.found }),
		e.found === null ? e.problem === null && /* @__PURE__ */ E(m, {
			role: "status",
			children: "Reading the plans…"
		}) : /* @__PURE__ */ E(bn, { found: e.found })
	] });
}
function yn({ found: e }) {
	return /* @__PURE__ */ D(B, {
		title: `Rejected (${e.files.length + e.left_out})`,
		children: [e.files.map((e) => /* @__PURE__ */ D("section", {
			"aria-label": e.path,
			children: [
				/* @__PURE__ */ E(f, {
					as: "h3",
					size: "sm",
					overflowWrap: "anywhere",
					children: e.path
				}),
				/* @__PURE__ */ E(un, { findings: e.findings }),
				e.left_out > 0 && /* @__PURE__ */ D(m, { children: [
					"and ",
					e.left_out,
					" more problems"
				] })
			]
		}, e.path)), e.left_out > 0 && /* @__PURE__ */ D(m, { children: [
			"and ",
			e.left_out,
			" more files"
		] })]
	});
}
function bn({ found: e }) {
	if (e.plans.length === 0) return /* @__PURE__ */ E(m, {
		mt: "3",
		children: "There is no plan that you may read."
	});
	let t = e.plans.map((e) => ({
		key: e.plan,
		cells: [
			/* @__PURE__ */ E(v, {
				to: x("plans", e.plan),
				style: { textDecoration: "underline" },
				children: e.plan
			}, "plan"),
			`${e.product} ${e.release}`,
			e.environment,
			e.owner,
			e.summary,
			dn(e.errors, e.warnings)
		]
	}));
	return /* @__PURE__ */ E(B, {
		title: `Plans (${e.plans.length})`,
		children: /* @__PURE__ */ E(V, {
			label: "Plans",
			head: [
				"plan",
				"release",
				"environment",
				"owner",
				"summary",
				"lint"
			],
			rows: t
		})
	});
}
// src/release/ActionForm.tsx
function xn({ open: e, act: t, label: n, run: r, children: a }) {
	let [s, c] = o(!1), [f, p] = o(""), [g, _] = o(!1), [v, ee] = o(null), y = i(), te = async () => {
		_(!0);
		let e = await r(f, (e) => ee({
			refused: !1,
			words: e
		}));
		_(!1), ee(e), e.refused || (p(""), c(!1));
	};
	return /* @__PURE__ */ D(l, { children: [
		!s && /* @__PURE__ */ E(u, {
			size: "sm",
			variant: "outline",
			onClick: () => c(!0),
			children: e
		}),
		s && /* @__PURE__ */ D(l, {
			as: "form",
			borderWidth: "1px",
			borderRadius: "md",
			p: "3",
			onSubmit: (e) => {
				e.preventDefault(), te();
			},
			children: [
				a,
				/* @__PURE__ */ E("label", {
					htmlFor: y,
					children: n
				}),
				/* @__PURE__ */ E(h, {
					id: y,
					value: f,
					maxLength: 1e3,
					required: !0,
					autoFocus: !0,
					rows: 2,
					my: "1",
					onChange: (e) => p(e.target.value)
				}),
				/* @__PURE__ */ D(d, {
					gap: "2",
					children: [/* @__PURE__ */ E(u, {
						type: "submit",
						size: "sm",
						disabled: g || !f.trim(),
						children: t
					}), /* @__PURE__ */ E(u, {
						type: "button",
						size: "sm",
						variant: "ghost",
						onClick: () => c(!1),
						children: "Cancel"
					})]
				})
			]
		}),
		v && /* @__PURE__ */ E(m, {
			role: v.refused ? "alert" : "status",
			fontSize: "sm",
			mt: "1",
			overflowWrap: "anywhere",
			children: v.words
		})
	] });
}
// src/release/Opened.tsx
function U({ title: e, children: t }) {
	let [n, r] = o(!1);
	return /* @__PURE__ */ D("details", {
		open: n,
		onToggle: (e) => r(e.currentTarget.open),
		style: { margin: "0.25rem 0" },
		children: [/* @__PURE__ */ E("summary", {
			style: {
				cursor: "pointer",
				padding: "0.35rem 0",
				fontWeight: 500
			},
			children: e
		}), n && t()]
	});
}
function W({ once: e, children: t }) {
	return e.problem === null ? e.found === null ? /* @__PURE__ */ E(m, {
		role: "status",
		children: "Reading…"
	}) : t(e.found) : /* @__PURE__ */ E(m, {
		role: "alert",
		children: e.problem
	});
}
function G({ label: e, text: t }) {
	return /* @__PURE__ */ E("pre", {
		role: "region",
		"aria-label": e,
		tabIndex: 0,
		style: {
			whiteSpace: "pre-wrap",
			overflowWrap: "anywhere",
			fontSize: "0.8rem",
			maxHeight: "60vh",
			overflowY: "auto",
			margin: 0
		},
		children: t
	});
}
// src/release/once.ts
function K(e, t, n = null, i = "GET") {
	let [a, s] = o({
		path: null,
		found: null,
		problem: null
	});
	return r(() => {
		if (e === null) return;
		let n = new AbortController();
		return (async () => {
			try {
				let r = await fetch(S(e), {
					method: i,
					credentials: "same-origin",
					cache: "no-store",
					signal: n.signal
				}), a = r.ok ? {
					found: await t(r),
					problem: null
				} : {
					found: null,
					problem: await w(r)
				};
				n.signal.aborted || s({
					path: e,
					...a
				});
			} catch (t) {
				n.signal.aborted || s({
					path: e,
					found: null,
					problem: `Airflow does not answer: ${String(t)}`
				});
			}
		})(), () => n.abort();
	}, [
		e,
		n,
		i
	]), a.path === e ? a : {
		found: null,
		problem: null
	};
}
var q = (e) => e.json(), Sn = (e) => e.text();
function J(e, t, ...n) {
	return [
		"releases",
		e,
		t,
		...n
	].map(encodeURIComponent).join("/");
}
// src/release/send.ts
var Cn = 1e4, wn = 18;
function Y(e, ...t) {
	return [
		"plans",
		e,
		...t
	].map(encodeURIComponent).join("/");
}
function Tn(e, t, n) {
	let [r, i, a] = [
		e,
		t,
		n
	].map(encodeURIComponent);
	return `../../../api/v2/dags/${r}/dagRuns/${i}/taskInstances/${a}/-1/hitlDetails`;
}
async function En(e, t, n) {
	return fetch(S(e), {
		method: t,
		credentials: "same-origin",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify(n)
	});
}
async function Dn(e, t) {
	try {
		let n = await En(e, "POST", t);
		if (!n.ok) return {
			refused: !0,
			words: await w(n)
		};
		let { sentence: r } = await n.json();
		return {
			refused: !1,
			words: r ?? "done"
		};
	} catch (e) {
		return {
			refused: !0,
			words: `Airflow does not answer: ${String(e)}`
		};
	}
}
async function On(e, t, n, r) {
	let i = Y(e, "runs", t, "backout");
	try {
		for (let e = 0; e < wn; e++) {
			let e = await En(i, "POST", { reason: n });
			if (!e.ok) return {
				refused: !0,
				words: await w(e)
			};
			let t = await e.json();
			if (!t.waits) return {
				refused: !1,
				words: t.sentence
			};
			r(t.sentence), await new Promise((e) => setTimeout(e, Cn));
		}
		return {
			refused: !0,
			words: "Airflow has not taken up the plan as it was: is its DAG processor up? Asking again is safe."
		};
	} catch (e) {
		return {
			refused: !0,
			words: `Airflow does not answer: ${String(e)}`
		};
	}
}
async function kn(e, t, n) {
	try {
		let r = await En(e, "PATCH", {
			chosen_options: [t],
			params_input: n.trim() ? { note: n } : {}
		});
		return r.ok ? {
			refused: !1,
			words: `Your answer was taken: ${t}.`
		} : {
			refused: !0,
			words: await w(r)
		};
	} catch (e) {
		return {
			refused: !0,
			words: `Airflow does not answer: ${String(e)}`
		};
	}
}
// src/release/CardForm.tsx
function An({ release: e, question: t }) {
	let [n, r] = o(null), [a, s] = o(""), [c, f] = o(!1), p = i(), g = Tn(e.plan, e.run ?? "", t.task), _ = K(g, q, t.subject), v = async (e, t) => {
		f(!0), r(await kn(g, e, t ? a : "")), f(!1);
	};
	return /* @__PURE__ */ D(l, {
		borderWidth: "1px",
		borderLeftWidth: "4px",
		borderLeftColor: "orange.solid",
		borderRadius: "md",
		p: "3",
		children: [
			/* @__PURE__ */ E(m, {
				fontWeight: "semibold",
				overflowWrap: "anywhere",
				children: t.subject
			}),
			/* @__PURE__ */ E(W, {
				once: _,
				children: (t) => {
					if (t.response_received) return /* @__PURE__ */ E(m, {
						role: "status",
						children: "This card is answered; the run goes on in a moment."
					});
					let n = t.params?.note !== void 0, r = (t.options ?? []).filter((t) => e.choices === null || e.choices.includes(t));
					return /* @__PURE__ */ D(T, { children: [
						t.body && /* @__PURE__ */ E(U, {
							title: "What the card says",
							children: () => /* @__PURE__ */ E(G, {
								label: "What the card says",
								text: t.body ?? ""
							})
						}),
						n && /* @__PURE__ */ D(T, { children: [/* @__PURE__ */ E("label", {
							htmlFor: p,
							children: "Note, for the evidence"
						}), /* @__PURE__ */ E(h, {
							id: p,
							value: a,
							maxLength: 500,
							rows: 2,
							my: "1",
							onChange: (e) => s(e.target.value)
						})] }),
						/* @__PURE__ */ E(d, {
							gap: "2",
							wrap: "wrap",
							children: r.map((e) => /* @__PURE__ */ E(u, {
								size: "sm",
								disabled: c,
								onClick: () => void v(e, n),
								children: e
							}, e))
						})
					] });
				}
			}),
			n && /* @__PURE__ */ E(m, {
				role: n.refused ? "alert" : "status",
				fontSize: "sm",
				mt: "1",
				overflowWrap: "anywhere",
				children: n.words
			})
		]
	});
}
// src/release/Actions.tsx
function jn({ release: e }) {
	let { plan: t, run: n, may: r, question: i } = e;
	if (!n) return null;
	let a = [];
	return r.answer && i && a.push(/* @__PURE__ */ E(An, {
		release: e,
		question: i
	}, "card")), r.stop && a.push(/* @__PURE__ */ E(Mn, { plan: t }, "stop")), r.rerun && a.push(/* @__PURE__ */ E(Nn, {
		plan: t,
		run: n,
		whole: e.outcome === "backed_out"
	}, "again")), r.back_out && a.push(/* @__PURE__ */ E(Pn, {
		plan: t,
		run: n
	}, "back")), a.length === 0 ? null : /* @__PURE__ */ E(d, {
		as: "section",
		"aria-label": "What you may do",
		direction: "column",
		gap: "2",
		my: "3",
		children: a
	});
}
function Mn({ plan: e }) {
	let t = Y(e, "stop");
	return /* @__PURE__ */ E(xn, {
		open: "Stop and back out…",
		act: "Stop and back out",
		label: "Why? It stands in the evidence",
		run: async (e) => Dn(t, { reason: e }),
		children: /* @__PURE__ */ E(In, {
			path: t,
			children: (e) => /* @__PURE__ */ D(m, { children: [
				"Now: ",
				e.sentence,
				"."
			] })
		})
	});
}
function Nn({ plan: e, run: t, whole: n }) {
	let r = Y(e, "runs", t, "rerun"), i = a(null);
	return /* @__PURE__ */ E(xn, {
		open: n ? "Release again…" : "Try failed nodes again…",
		act: n ? "Release again" : "Try again",
		label: "Why? It stands in the evidence",
		run: async (e) => i.current === null ? {
			refused: !0,
			words: "Nothing is done before it is said what trying again would do."
		} : Dn(r, {
			reason: e,
			entries: i.current
		}),
		children: /* @__PURE__ */ E(In, {
			path: `${r}/preview`,
			method: "POST",
			read: async (e) => {
				let t = await q(e);
				return i.current = t.entries, t;
			},
			children: (e) => /* @__PURE__ */ D(T, { children: [e.in_the_way && /* @__PURE__ */ E(m, {
				fontWeight: "semibold",
				children: "As things stand something is in the way, or a node did not answer:"
			}), /* @__PURE__ */ E(G, {
				label: "What trying again would do",
				text: e.lines.join("\n")
			})] })
		})
	});
}
function Pn({ plan: e, run: t }) {
	return /* @__PURE__ */ E(xn, {
		open: "Back out…",
		act: "Back out",
		label: "Why? It stands in the evidence and on the card",
		run: (n, r) => On(e, t, n, r),
		children: /* @__PURE__ */ E(In, {
			path: `${Y(e, "backout")}?run=${encodeURIComponent(t)}`,
			children: (e) => /* @__PURE__ */ D(T, { children: [e.undoes.map((e) => /* @__PURE__ */ D(m, {
				overflowWrap: "anywhere",
				children: [
					"would undo ",
					e.component,
					": ",
					Fn(e.nodes)
				]
			}, e.component)), !e.begins_at_once && /* @__PURE__ */ D(m, { children: [
				"you are not of the backout authority: ",
				e.decided_by.join(", "),
				" will be asked"
			] })] })
		})
	});
}
function Fn(e) {
	let t = /* @__PURE__ */ new Map();
	for (let [n, r] of Object.entries(e)) {
		let e = r ?? "what was there";
		t.set(e, [...t.get(e) ?? [], n]);
	}
	return [...t].map(([e, t]) => `${t.join(", ")} to ${e}`).join("; ");
}
function In({ path: e, method: t, read: n = q, children: r }) {
	return /* @__PURE__ */ E(l, {
		fontSize: "sm",
		mb: "2",
		"data-testid": "preview",
		children: /* @__PURE__ */ E(W, {
			once: K(e, n, null, t),
			children: r
		})
	});
}
// src/release/Approved.tsx
function Ln(e) {
	return /* @__PURE__ */ E(U, {
		title: "What exactly is approved: commands, files, difference to the last release",
		children: () => /* @__PURE__ */ E(Rn, { ...e })
	});
}
function Rn({ plan: e, run: t, digest: n, zone: r, now: i }) {
	return /* @__PURE__ */ E(W, {
		once: K(J(e, t, "approved"), q, n),
		children: (e) => /* @__PURE__ */ D(T, { children: [
			e.changed && /* @__PURE__ */ D(m, {
				role: "status",
				fontWeight: "semibold",
				children: [
					"Not what stands in the file now: ",
					e.changed,
					". What is approved is this."
				]
			}),
			/* @__PURE__ */ E("ul", {
				style: { margin: "0.5rem 0 0.5rem 1.2rem" },
				children: e.worst_case.map((e) => /* @__PURE__ */ E("li", { children: e }, e))
			}),
			/* @__PURE__ */ E(V, {
				label: "Commands",
				head: [
					"component",
					"what",
					"command"
				],
				rows: e.commands.map((e) => ({
					key: `${e.component} ${e.what}`,
					cells: [
						e.component,
						e.what,
						/* @__PURE__ */ E("code", {
							style: { whiteSpace: "pre-wrap" },
							children: e.text
						})
					]
				}))
			}),
			/* @__PURE__ */ E(V, {
				label: "Files",
				head: [
					"file",
					"kind",
					"sha256",
					"built from"
				],
				rows: e.files.map((e) => ({
					key: `${e.kind} ${e.path}`,
					cells: [
						e.path,
						e.kind,
						/* @__PURE__ */ E("code", { children: e.sha256 }),
						e.source ?? "–"
					]
				}))
			}),
			/* @__PURE__ */ E(zn, {
				found: e,
				zone: r,
				now: i
			}),
			/* @__PURE__ */ E(U, {
				title: "The whole plan, as `deployplan show` prints it",
				children: () => /* @__PURE__ */ E(G, {
					label: "The whole plan",
					text: e.page
				})
			})
		] })
	});
}
function zn({ found: e, zone: t, now: n }) {
	let { compared: r } = e;
	return r ? /* @__PURE__ */ D(T, { children: [/* @__PURE__ */ D(m, {
		mt: "2",
		children: [
			"Against ",
			r.release ?? "the last release",
			" (",
			r.plan,
			", run ",
			r.run,
			", released",
			" ",
			/* @__PURE__ */ E(N, {
				at: r.at,
				zone: t,
				now: n
			}),
			"): ",
			r.lines.length === 0 ? "nothing differs." : `${r.lines.length} differ.`
		]
	}), r.lines.length > 0 && /* @__PURE__ */ E(G, {
		label: "Difference to the last release",
		text: r.lines.join("\n")
	})] }) : /* @__PURE__ */ E(m, {
		mt: "2",
		children: e.not_compared ? `Not compared: ${e.not_compared}.` : "There is no earlier release of this product to compare with."
	});
}
// src/release/Approvals.tsx
var Bn = {
	asked: "○",
	approved: "✓",
	rejected: "✕",
	expired: "–"
};
function Vn({ release: e, now: t }) {
	let { seats: n, approvals: r, digest: i } = e;
	return /* @__PURE__ */ D(B, {
		title: "Approval",
		children: [
			n && /* @__PURE__ */ D(m, {
				fontSize: "sm",
				children: [
					n.taken,
					" of ",
					n.of,
					" seats have a yes",
					n.missing.length > 0 && `; who may take the others: ${n.missing.join(" or ")}`,
					". Digest",
					" ",
					/* @__PURE__ */ E("code", {
						style: { overflowWrap: "anywhere" },
						children: i
					})
				]
			}),
			r.length > 0 && /* @__PURE__ */ E(V, {
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
						/* @__PURE__ */ D(T, { children: [
							/* @__PURE__ */ E("span", {
								"aria-hidden": "true",
								children: Bn[n.state]
							}),
							" ",
							Hn(n)
						] }),
						/* @__PURE__ */ E(N, {
							at: n.at,
							zone: e.timezone,
							now: t
						}),
						/* @__PURE__ */ D(T, { children: [/* @__PURE__ */ E("code", {
							title: n.digest,
							children: n.digest.slice(0, 12)
						}), n.digest !== i && " (another plan)"] })
					]
				}))
			}),
			e.run && i && /* @__PURE__ */ E(Ln, {
				plan: e.plan,
				run: e.run,
				digest: i,
				zone: e.timezone,
				now: t
			})
		]
	});
}
function Hn(e) {
	let t = e.window ? `, for the window of ${e.window}` : "";
	switch (e.state) {
		case "asked": return `asked of ${e.asked.join(", ")}`;
		case "expired": return `nobody answered in time; asked were ${e.asked.join(", ")}`;
		default: return `${e.person ?? "somebody"} ${e.state}${t}${e.why ? `: ${e.why}` : ""}`;
	}
}
// src/release/release.ts
var Un = {
	done: "✓",
	working: "◐",
	failed: "✕",
	unknown: "?",
	"left out": "⊘",
	undone: "↺",
	"not started": "○"
};
function Wn(e) {
	let t = Math.max(0, Math.round(e / 1e3));
	if (t < 60) return `${t} s`;
	let n = Math.floor(t / 60);
	return n < 60 ? t % 60 ? `${n} min ${t % 60} s` : `${n} min` : n % 60 ? `${Math.floor(n / 60)} h ${n % 60} min` : `${n / 60} h`;
}
function Gn(e, t) {
	if (!e.began) return null;
	let n = (e.ended ? Date.parse(e.ended) : t.getTime()) - Date.parse(e.began);
	return e.ended ? Wn(n) : `for ${Wn(n)}`;
}
function Kn(e) {
	let t = `${e.before ?? "nothing known"} → ${e.after ?? "?"}`;
	return e.now ? `${t}, now ${e.now}` : e.standing === "working" ? `${t}, changing now` : `${t}, now not known`;
}
function qn(e, t, n) {
	let r = n.trim().toLowerCase();
	return e.filter((e) => (!r || e.node.toLowerCase().includes(r)) && (!t || e.cells.some((e) => e.standing === t)));
}
var Jn = /* @__PURE__ */ new Set(["fail", "unknown"]);
function Yn(e) {
	let t = e.points.at(-1);
	return t ? Jn.has(t.answer) ? t.answer.toUpperCase() : t.answer : "not read";
}
function Xn(e, t) {
	let n = e.filter((e) => e.points.some((e) => Jn.has(e.answer))), r = e.filter((e) => !n.includes(e)), i = [...n, ...r].slice(0, t);
	return {
		shown: i,
		left: e.length - i.length
	};
}
// src/release/Sparkline.tsx
var X = 14, Zn = 22, Qn = 5;
function $n(e, t, n) {
	let r = e.flatMap(({ value: e }) => e === void 0 ? [] : [e]), i = [t, n].filter((e) => e !== null);
	if (i.length === 0 || r.length === 0) return {
		at: e.map((e) => ({
			pass: Qn,
			fail: 17
		})[e.answer] ?? Zn / 2),
		limits: []
	};
	let a = [...r, ...i], o = Math.min(...a), s = Math.max(...a) - o || 1, c = (e) => 17 - (e - o) / s * 12;
	return {
		at: e.map(({ value: e }) => e === void 0 ? Zn / 2 : c(e)),
		limits: i.map(c)
	};
}
var er = {
	pass: "green",
	fail: "red"
};
function tr({ criterion: e, series: t }) {
	let { points: n } = t, { at: r, limits: i } = $n(n, t.least ?? e.least, t.most ?? e.most), a = Math.max(1, n.length) * X, o = (e) => e * X + X / 2, s = n.map((e) => `${e.phase}: ${e.answer}${e.value === void 0 ? "" : ` (${e.value})`}`);
	return /* @__PURE__ */ D("svg", {
		width: a,
		height: Zn,
		role: "img",
		"aria-label": `${e.name}${t.node ? ` on ${t.node}` : ""}: ${s.join(", ")}`,
		style: {
			display: "inline-block",
			verticalAlign: "middle"
		},
		children: [
			i.map((e) => /* @__PURE__ */ E("line", {
				x1: "0",
				x2: a,
				y1: e,
				y2: e,
				stroke: "currentColor",
				strokeDasharray: "3 2",
				opacity: "0.7"
			}, e)),
			/* @__PURE__ */ E("polyline", {
				points: r.map((e, t) => `${o(t)},${e}`).join(" "),
				fill: "none",
				stroke: "currentColor",
				opacity: "0.4"
			}),
			n.map((e, t) => /* @__PURE__ */ E(nr, {
				answer: e.answer,
				x: o(t),
				y: r[t] ?? 0
			}, `${e.at}${t}`))
		]
	});
}
function nr({ answer: e, x: t, y: n }) {
	let r = `var(--chakra-colors-${er[e] ?? "purple"}-solid)`;
	return e === "fail" ? /* @__PURE__ */ E("path", {
		d: `M${t - 4} ${n - 4}L${t + 4} ${n + 4}M${t + 4} ${n - 4}L${t - 4} ${n + 4}`,
		stroke: r,
		strokeWidth: "2.5"
	}) : /* @__PURE__ */ E("circle", {
		cx: t,
		cy: n,
		r: "3.5",
		fill: e === "pass" ? r : "none",
		stroke: r,
		strokeWidth: "2"
	});
}
// src/release/Criteria.tsx
var rr = 6;
function ir({ criteria: e, now: t }) {
	return e.length === 0 ? null : /* @__PURE__ */ E(B, {
		title: "Criteria",
		children: /* @__PURE__ */ E(V, {
			label: "Criteria",
			head: [
				"criterion",
				"must show",
				"readings"
			],
			rows: e.map((e) => ({
				key: e.name,
				cells: [
					/* @__PURE__ */ D(T, { children: [
						e.name,
						e.neighbour && " (neighbour)",
						/* @__PURE__ */ E(m, {
							fontSize: "xs",
							color: "fg.muted",
							fontWeight: "normal",
							overflowWrap: "anywhere",
							children: e.question
						})
					] }),
					`${e.wanted}${e.seconds ? ` for ${e.seconds} s` : ""}`,
					/* @__PURE__ */ E(ar, {
						criterion: e,
						now: t
					})
				]
			}))
		})
	});
}
function ar({ criterion: e, now: t }) {
	let { shown: n, left: r } = Xn(e.series, rr);
	return n.length === 0 ? /* @__PURE__ */ E(T, { children: "not read yet" }) : /* @__PURE__ */ D(T, { children: [n.map((n) => /* @__PURE__ */ E(or, {
		series: n,
		criterion: e,
		now: t
	}, n.node ?? "")), r > 0 && /* @__PURE__ */ D(m, {
		fontSize: "xs",
		color: "fg.muted",
		children: [r, " more nodes, every reading passed"]
	})] });
}
function or({ series: e, criterion: t, now: n }) {
	let r = e.points.at(-1);
	return /* @__PURE__ */ D(l, { children: [
		/* @__PURE__ */ E(tr, {
			criterion: t,
			series: e
		}),
		" ",
		/* @__PURE__ */ E("strong", { children: Yn(e) }),
		e.node && ` on ${e.node}`,
		r && /* @__PURE__ */ E(l, {
			as: "span",
			color: "fg.muted",
			children: `: ${r.why ?? r.observed ?? ""} (${j(r.at, void 0, n)}, ${r.phase})`
		})
	] });
}
// src/release/Evidence.tsx
function sr({ release: e }) {
	let { plan: t, run: n } = e;
	return n ? /* @__PURE__ */ D(B, {
		title: `Evidence (${e.entries} entries)`,
		children: [/* @__PURE__ */ D(d, {
			gap: "3",
			wrap: "wrap",
			align: "center",
			children: [
				/* @__PURE__ */ E(cr, {
					plan: t,
					run: n
				}),
				/* @__PURE__ */ E("a", {
					href: S(J(t, n, "evidence.tar.gz")),
					download: !0,
					style: { textDecoration: "underline" },
					children: "Export"
				}),
				/* @__PURE__ */ D(m, {
					fontSize: "sm",
					color: "fg.muted",
					children: [
						"unpacked anywhere, ",
						/* @__PURE__ */ E("code", { children: "deployplan evidence verify ./evidence" }),
						" checks it"
					]
				})
			]
		}), /* @__PURE__ */ E(U, {
			title: "The story, entry by entry",
			children: () => /* @__PURE__ */ E(lr, {
				plan: t,
				run: n,
				entries: e.entries
			})
		})]
	}) : null;
}
function cr({ plan: e, run: t }) {
	let [n, r] = o(0), i = K(n ? J(e, t, "verification") : null, q, n);
	return /* @__PURE__ */ D(T, { children: [/* @__PURE__ */ E(u, {
		size: "sm",
		variant: "outline",
		onClick: () => r(n + 1),
		children: "Verify"
	}), n > 0 && /* @__PURE__ */ E(l, {
		role: "status",
		flexBasis: "100%",
		children: /* @__PURE__ */ E(W, {
			once: i,
			children: (e) => /* @__PURE__ */ D(T, { children: [/* @__PURE__ */ E(m, {
				fontWeight: "semibold",
				children: e.ok ? "✓ intact" : "✕ NOT INTACT"
			}), /* @__PURE__ */ E(G, {
				label: "What the check found",
				text: e.lines.join("\n")
			})] })
		})
	})] });
}
function lr({ plan: e, run: t, entries: n }) {
	let [i, a] = o({
		entries: [],
		next: 0,
		apart: []
	}), s = i.entries.at(-1)?.seq ?? 0, c = K(i.next !== null || s < n ? `${J(e, t, "story")}?after=${s}` : null, q, n);
	r(() => {
		let { found: e } = c;
		e === null || (e.entries?.[0]?.seq ?? 0) <= s || a((t) => ({
			...e,
			entries: [...t.entries, ...e.entries]
		}));
	}, [c, s]);
	let l = (e) => e.map((e) => `${String(e.seq).padStart(4)}  ${ur(e.at)} UTC  ${e.told}`);
	return /* @__PURE__ */ D(T, { children: [
		c.problem && /* @__PURE__ */ E(m, {
			role: "alert",
			children: c.problem
		}),
		/* @__PURE__ */ E(G, {
			label: "The story of the evidence",
			text: l(i.entries).join("\n")
		}),
		i.apart.length > 0 && /* @__PURE__ */ D(T, { children: [/* @__PURE__ */ E(m, { children: "apart, when the run was over:" }), /* @__PURE__ */ E(G, {
			label: "What came when the run was over",
			text: l(i.apart).join("\n")
		})] })
	] });
}
function ur(e) {
	return new Date(e).toISOString().slice(0, 19).replace("T", " ");
}
// src/release/NodeLog.tsx
function dr({ plan: e, run: t, wanted: n, close: i }) {
	let s = a(null), [c, l] = o(0), { node: f, component: p, step: h } = n, g = `?component=${encodeURIComponent(p)}&step=${encodeURIComponent(h)}`, _ = K(J(e, t, "nodes", f, "log") + g, Sn, c);
	return r(() => s.current?.showModal(), []), /* @__PURE__ */ D("dialog", {
		ref: s,
		"aria-label": `Log of ${p} on ${f}`,
		onClose: i,
		style: {
			width: "min(70rem, 96vw)",
			margin: "auto",
			padding: "1rem",
			borderRadius: "0.5rem",
			border: "1px solid var(--chakra-colors-border)",
			background: "var(--chakra-colors-bg)",
			color: "var(--chakra-colors-fg)"
		},
		children: [/* @__PURE__ */ D(d, {
			gap: "3",
			align: "center",
			justify: "space-between",
			wrap: "wrap",
			mb: "2",
			children: [/* @__PURE__ */ D(m, {
				fontWeight: "semibold",
				overflowWrap: "anywhere",
				children: [
					f,
					", ",
					p,
					", ",
					h,
					" (times in UTC)"
				]
			}), /* @__PURE__ */ D(d, {
				gap: "2",
				children: [/* @__PURE__ */ E(u, {
					size: "sm",
					variant: "outline",
					onClick: () => l(c + 1),
					children: "Read again"
				}), /* @__PURE__ */ E(u, {
					size: "sm",
					onClick: () => s.current?.close(),
					children: "Close"
				})]
			})]
		}), /* @__PURE__ */ E(W, {
			once: _,
			children: (e) => /* @__PURE__ */ E(G, {
				label: `What was said of ${f}`,
				text: e
			})
		})]
	});
}
// src/release/Matrix.tsx
var fr = {
	done: "green.fg",
	working: "blue.fg",
	failed: "red.fg",
	unknown: "purple.fg",
	"left out": "orange.fg",
	undone: "fg.muted",
	"not started": "fg.muted"
};
function pr({ release: e, now: t }) {
	let [n, r] = o(""), [i, a] = o(""), [s, c] = o(null), f = _r(), h = qn(e.matrix, n, i), g = e.components.length > 1;
	return /* @__PURE__ */ D(B, {
		title: `Nodes (${e.matrix.length})`,
		children: [
			/* @__PURE__ */ D(d, {
				gap: "2",
				wrap: "wrap",
				mb: "2",
				align: "center",
				children: [
					Object.entries(e.nodes).map(([e, t]) => /* @__PURE__ */ D(u, {
						size: "xs",
						variant: n === e ? "solid" : "outline",
						"aria-pressed": n === e,
						onClick: () => r(n === e ? "" : e),
						children: [
							/* @__PURE__ */ E("span", {
								"aria-hidden": "true",
								children: Un[e]
							}),
							" ",
							t,
							" ",
							e
						]
					}, e)),
					/* @__PURE__ */ E("label", {
						htmlFor: "deployplan-node",
						children: "node"
					}),
					/* @__PURE__ */ E(p, {
						id: "deployplan-node",
						size: "xs",
						width: "12rem",
						value: i,
						onChange: (e) => a(e.target.value)
					})
				]
			}),
			f ? /* @__PURE__ */ E(d, {
				as: "ul",
				direction: "column",
				gap: "2",
				p: "0",
				listStyleType: "none",
				children: h.map((e) => /* @__PURE__ */ D(l, {
					as: "li",
					borderWidth: "1px",
					borderRadius: "md",
					p: "2",
					fontSize: "sm",
					children: [/* @__PURE__ */ E(m, {
						fontWeight: "semibold",
						overflowWrap: "anywhere",
						children: e.node
					}), e.cells.map((n) => /* @__PURE__ */ D(l, {
						mt: "1",
						overflowWrap: "anywhere",
						children: [g && `${n.component}: `, /* @__PURE__ */ E(hr, {
							node: e.node,
							cell: n,
							now: t,
							show: c
						})]
					}, n.component))]
				}, e.node))
			}) : /* @__PURE__ */ E(V, {
				label: "Nodes and components",
				head: ["node", ...e.components],
				children: h.map((n) => /* @__PURE__ */ E(mr, {
					row: n,
					components: e.components,
					now: t,
					show: c
				}, n.node))
			}),
			h.length < e.matrix.length && /* @__PURE__ */ D(m, {
				fontSize: "sm",
				color: "fg.muted",
				mt: "1",
				role: "status",
				children: [
					h.length,
					" of ",
					e.matrix.length,
					" shown"
				]
			}),
			s && e.run && /* @__PURE__ */ E(dr, {
				plan: e.plan,
				run: e.run,
				wanted: s,
				close: () => c(null)
			})
		]
	});
}
var mr = n(function({ row: e, components: t, now: n, show: r }) {
	return /* @__PURE__ */ D("tr", { children: [/* @__PURE__ */ E("th", {
		scope: "row",
		style: { whiteSpace: "nowrap" },
		children: e.node
	}), t.map((t) => {
		let i = e.cells.find((e) => e.component === t);
		return /* @__PURE__ */ E("td", { children: i ? /* @__PURE__ */ E(hr, {
			node: e.node,
			cell: i,
			now: n,
			show: r
		}) : "–" }, t);
	})] });
}, (e, t) => JSON.stringify(e.row) === JSON.stringify(t.row) && e.components.length === t.components.length && (e.now === t.now || !t.row.cells.some((e) => e.began && !e.ended)));
function hr({ node: e, cell: t, now: n, show: r }) {
	let i = Gn(t, n);
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ D("span", {
			style: {
				color: `var(--chakra-colors-${fr[t.standing].replace(".", "-")})`,
				fontWeight: 600,
				whiteSpace: "nowrap"
			},
			children: [
				/* @__PURE__ */ E("span", {
					"aria-hidden": "true",
					children: Un[t.standing]
				}),
				" ",
				t.standing
			]
		}),
		" ",
		Kn(t),
		/* @__PURE__ */ D("span", {
			style: { color: "var(--chakra-colors-fg-muted)" },
			children: [
				" · ",
				"wave ",
				t.wave,
				i && ` · ${t.step ?? "script"} ${i}`,
				t.words && ` · ${t.words}`
			]
		}),
		t.job && /* @__PURE__ */ D(T, { children: [" ", /* @__PURE__ */ E("button", {
			type: "button",
			"aria-label": `log of ${t.component} on ${e}`,
			style: {
				textDecoration: "underline",
				cursor: "pointer"
			},
			onClick: () => r({
				node: e,
				component: t.component,
				step: t.step ?? "deploy"
			}),
			children: "log"
		})] })
	] });
}
var gr = "(max-width: 48em)";
function _r() {
	let [e, t] = o(() => matchMedia(gr).matches);
	return r(() => {
		let e = matchMedia(gr), n = () => t(e.matches);
		return e.addEventListener("change", n), () => e.removeEventListener("change", n);
	}, []), e;
}
// src/release/Messages.tsx
var vr = {
	sent: "✓ sent",
	"not sent": "✕ NOT sent",
	"perhaps sent": "? perhaps sent"
};
function yr({ messages: e, zone: t, now: n }) {
	return /* @__PURE__ */ E(B, {
		title: `Messages (${e.length})`,
		children: e.length === 0 ? /* @__PURE__ */ E(m, {
			fontSize: "sm",
			color: "fg.muted",
			children: "none yet"
		}) : /* @__PURE__ */ E(V, {
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
					/* @__PURE__ */ E(N, {
						at: e.at,
						zone: t,
						now: n
					}),
					`${vr[e.state] ?? e.state}${e.receipt ? `: ${e.receipt}` : ""}`
				]
			}))
		})
	});
}
// src/release/Rail.tsx
var br = {
	over: "✓",
	now: "▶",
	ahead: "○",
	"not needed": "–",
	"not reached": "–"
};
function xr({ phases: e, zone: t, now: n }) {
	return /* @__PURE__ */ E(d, {
		as: "ol",
		"aria-label": "Phases",
		wrap: "wrap",
		gap: "2",
		my: "4",
		p: "0",
		listStyleType: "none",
		children: e.map((e) => /* @__PURE__ */ D(l, {
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
			children: [/* @__PURE__ */ D(m, {
				fontWeight: e.state === "now" ? "bold" : "medium",
				children: [
					/* @__PURE__ */ D("span", {
						"aria-hidden": "true",
						children: [br[e.state], " "]
					}),
					e.number,
					" ",
					e.name,
					" ",
					/* @__PURE__ */ E(l, {
						as: "span",
						fontWeight: "normal",
						color: "fg.muted",
						children: e.state
					})
				]
			}), /* @__PURE__ */ E(Sr, {
				phase: e,
				zone: t,
				now: n
			})]
		}, e.number))
	});
}
function Sr({ phase: e, zone: t, now: n }) {
	let { began: r, ended: i, planned_begin: a, planned_end: o } = e, s = (e) => /* @__PURE__ */ E(N, {
		at: e,
		zone: t,
		now: n
	});
	return /* @__PURE__ */ D(T, { children: [r && /* @__PURE__ */ D(m, { children: [s(r), i && ` for ${Wn(Date.parse(i) - Date.parse(r))}`] }), !e.state.startsWith("not ") && (a || o) && /* @__PURE__ */ D(m, {
		color: "fg.muted",
		children: [
			"planned",
			a && /* @__PURE__ */ D(T, { children: [" from ", s(a)] }),
			o && /* @__PURE__ */ D(T, { children: [" until ", s(o)] })
		]
	})] });
}
// src/release/ReleasePage.tsx
var Cr = 1500;
function wr() {
	let { plan: e = "", run: t = "" } = re();
	return /* @__PURE__ */ E(Er, {
		plan: e,
		run: t
	});
}
function Tr({ dagId: e = "", runId: t = "" }) {
	return /* @__PURE__ */ D(l, {
		as: "section",
		"aria-label": "Release",
		p: "3",
		width: "100%",
		overflowY: "auto",
		children: [/* @__PURE__ */ E(m, {
			mb: "2",
			fontSize: "sm",
			children: /* @__PURE__ */ E(v, {
				to: x("runs", e, t),
				style: { textDecoration: "underline" },
				children: "On a page of its own"
			})
		}), /* @__PURE__ */ E(Er, {
			plan: e,
			run: t
		})]
	});
}
function Er({ plan: e, run: t }) {
	let n = C(`releases/${encodeURIComponent(e)}/${encodeURIComponent(t)}`, Cr), r = R();
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ E(f, {
			as: "h1",
			size: "xl",
			overflowWrap: "anywhere",
			children: e
		}),
		/* @__PURE__ */ E(O, { seen: n }),
		n.found === null ? n.problem === null && /* @__PURE__ */ E(m, {
			role: "status",
			children: "Reading its record…"
		}) : /* @__PURE__ */ E(Dr, {
			release: n.found,
			now: r
		})
	] });
}
function Dr({ release: e, now: t }) {
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ E(Or, {
			release: e,
			now: t
		}),
		!e.damaged && /* @__PURE__ */ D(T, { children: [
			/* @__PURE__ */ E(jn, { release: e }),
			/* @__PURE__ */ E(xr, {
				phases: e.phases,
				zone: e.timezone,
				now: t
			}),
			/* @__PURE__ */ E(Z, {
				of: "nodes",
				children: /* @__PURE__ */ E(pr, {
					release: e,
					now: t
				})
			}),
			/* @__PURE__ */ E(Z, {
				of: "criteria",
				children: /* @__PURE__ */ E(ir, {
					criteria: e.criteria,
					now: t
				})
			}),
			/* @__PURE__ */ E(Z, {
				of: "approvals",
				children: /* @__PURE__ */ E(Vn, {
					release: e,
					now: t
				})
			}),
			/* @__PURE__ */ E(Ar, {
				release: e,
				now: t
			}),
			/* @__PURE__ */ E(Z, {
				of: "messages",
				children: /* @__PURE__ */ E(yr, {
					messages: e.messages,
					zone: e.timezone,
					now: t
				})
			})
		] }),
		/* @__PURE__ */ E(sr, { release: e })
	] });
}
function Z({ of: e, children: t }) {
	return /* @__PURE__ */ E(s, {
		instead: `What is shown of the ${e} broke; the story of the evidence has it.`,
		children: t
	});
}
function Or({ release: e, now: t }) {
	let n = e, r = Xe(n), i = et(n), a = nt(n), o = [e.previous, e.release].filter(Boolean).join(" → ");
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ D(m, {
			color: "fg.muted",
			overflowWrap: "anywhere",
			children: [
				[
					e.product && `${e.product} ${o}`,
					e.environment,
					e.owner && `by ${e.owner}`,
					e.change,
					e.triggered_by && `triggered by ${e.triggered_by}`
				].filter(Boolean).join(" · "),
				" · run",
				" ",
				/* @__PURE__ */ E(v, {
					to: $e(n),
					style: { textDecoration: "underline" },
					children: e.run
				})
			]
		}),
		e.summary && /* @__PURE__ */ E(m, {
			overflowWrap: "anywhere",
			children: e.summary
		}),
		/* @__PURE__ */ D(m, {
			my: "2",
			fontSize: "lg",
			overflowWrap: "anywhere",
			"data-testid": "sentence",
			"aria-live": "polite",
			children: [
				e.damaged && /* @__PURE__ */ E("strong", { children: "Damaged record: " }),
				e.outcome && !e.damaged && /* @__PURE__ */ D("strong", { children: [e.outcome.replaceAll("_", " "), ": "] }),
				e.sentence
			]
		}),
		/* @__PURE__ */ D(d, {
			columnGap: "6",
			rowGap: "1",
			wrap: "wrap",
			fontSize: "sm",
			children: [
				r && /* @__PURE__ */ D(kr, {
					what: r.what,
					children: [
						/* @__PURE__ */ E(N, {
							at: r.at,
							zone: e.timezone,
							now: t
						}),
						", ",
						Ye(r.at, t)
					]
				}),
				a && /* @__PURE__ */ E(kr, {
					what: "budget",
					children: a
				}),
				e.wave && !e.ended && /* @__PURE__ */ D(kr, {
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
		i && /* @__PURE__ */ D(m, {
			mt: "2",
			children: [
				/* @__PURE__ */ E("a", {
					href: i,
					style: {
						textDecoration: "underline",
						fontWeight: 600
					},
					children: e.may.answer ? "Answer" : "See the question"
				}),
				" ",
				/* @__PURE__ */ D(l, {
					as: "span",
					color: "fg.muted",
					children: [e.question && tt(e.question), e.question?.until && `, silence is taken for an answer at ${j(e.question.until, void 0, t)}`]
				})
			]
		})
	] });
}
function kr({ what: e, children: t }) {
	return /* @__PURE__ */ D(l, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ D(l, {
				as: "span",
				color: "fg.muted",
				children: [e, ":"]
			}),
			" ",
			t
		]
	});
}
function Ar({ release: e, now: t }) {
	let n = e.backout;
	return /* @__PURE__ */ E(B, {
		title: "What a backout would do",
		children: n ? /* @__PURE__ */ D(m, {
			overflowWrap: "anywhere",
			"data-testid": "backout",
			children: [
				"It ",
				n.sentence,
				". ",
				n.authority.join(" or "),
				" may order it",
				n.until && /* @__PURE__ */ D(T, { children: [", and people may ask for it until ", /* @__PURE__ */ E(N, {
					at: n.until,
					zone: e.timezone,
					now: t
				})] }),
				"."
			]
		}) : /* @__PURE__ */ E(m, { children: "Nothing: no component of this run has begun, or what had is undone." })
	});
}
// src/HoldForm.tsx
function jr({ found: e }) {
	let [t, n] = o(!1), [r, i] = o(""), [a, s] = o(null), [c, f] = o(!1), h = e.hold ? "resume" : "hold";
	if (!e.may.hold) return null;
	let g = async () => {
		f(!0);
		let e = await wt(h, r);
		f(!1), s(e), e === null && (i(""), n(!1));
	};
	return t ? /* @__PURE__ */ D(l, {
		as: "form",
		borderWidth: "1px",
		borderRadius: "md",
		p: "3",
		width: "100%",
		onSubmit: (e) => {
			e.preventDefault(), g();
		},
		children: [
			/* @__PURE__ */ E(m, {
				fontSize: "sm",
				mb: "2",
				children: h === "hold" ? "No plan will start a new wave and no window will open, until somebody resumes. What runs goes on; no backout is held." : "All plans go on from where they are."
			}),
			/* @__PURE__ */ D(d, {
				gap: "2",
				wrap: "wrap",
				align: "center",
				children: [
					/* @__PURE__ */ E("label", {
						htmlFor: "deployplan-why",
						children: "Why?"
					}),
					/* @__PURE__ */ E(p, {
						id: "deployplan-why",
						value: r,
						maxLength: 1e3,
						required: !0,
						autoFocus: !0,
						flex: "1 1 12rem",
						onChange: (e) => i(e.target.value)
					}),
					/* @__PURE__ */ E(u, {
						type: "submit",
						size: "sm",
						disabled: c || !r.trim(),
						children: h === "hold" ? "Hold all" : "Resume all"
					}),
					/* @__PURE__ */ E(u, {
						type: "button",
						size: "sm",
						variant: "ghost",
						onClick: () => n(!1),
						children: "Cancel"
					})
				]
			}),
			a && /* @__PURE__ */ E(m, {
				role: "alert",
				mt: "2",
				fontSize: "sm",
				children: a
			})
		]
	}) : /* @__PURE__ */ E(u, {
		variant: "outline",
		size: "sm",
		onClick: () => n(!0),
		children: h === "hold" ? "Hold all…" : "Resume all…"
	});
}
// src/NodeBar.tsx
var Mr = {
	done: "green.solid",
	working: "blue.solid",
	failed: "red.solid",
	unknown: "purple.solid",
	"left out": "orange.solid",
	undone: "gray.solid",
	"not started": "border.emphasized"
}, Nr = Object.keys(Mr);
function Pr({ row: e }) {
	let t = Nr.flatMap((t) => {
		let n = e.nodes[t];
		return n ? [{
			standing: t,
			count: n
		}] : [];
	});
	if (t.length === 0) return null;
	let n = t.map(({ standing: e, count: t }) => `${t} ${e}`).join(", ");
	return /* @__PURE__ */ D(l, { children: [/* @__PURE__ */ E(d, {
		height: "2",
		borderRadius: "full",
		overflow: "hidden",
		gap: "1px",
		"aria-hidden": "true",
		children: t.map(({ standing: e, count: t }) => /* @__PURE__ */ E(l, {
			flexGrow: t,
			flexBasis: "0",
			minWidth: "4px",
			bg: Mr[e]
		}, e))
	}), /* @__PURE__ */ D(m, {
		fontSize: "sm",
		mt: "1",
		children: [
			/* @__PURE__ */ E(l, {
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
function Fr({ row: e }) {
	let t = e.phase?.number ?? 0, n = e.phase ? `${t} of ${Ve.length}, ${e.phase.name}` : e.damaged ? "not known" : "planned", r = t === 5 || (e.nodes.undone ?? 0) > 0, i = (e) => e <= t && (e !== 5 || r);
	return /* @__PURE__ */ D(d, {
		align: "center",
		gap: "2",
		fontSize: "sm",
		children: [/* @__PURE__ */ E(d, {
			gap: "1",
			"aria-hidden": "true",
			children: Ve.map((e, n) => /* @__PURE__ */ E(l, {
				width: n + 1 === t ? "5" : "2.5",
				height: "2.5",
				borderRadius: "full",
				borderWidth: "1px",
				borderColor: i(n + 1) ? "blue.solid" : "border.emphasized",
				bg: i(n + 1) ? "blue.solid" : "transparent"
			}, e))
		}), /* @__PURE__ */ D("span", { children: ["Phase ", n] })]
	});
}
// src/RowCard.tsx
var Ir = {
	"needs you": "orange.solid",
	running: "blue.solid",
	waiting: "gray.solid",
	"next 7 days": "border.emphasized"
}, Lr = /* @__PURE__ */ new Set([
	"backout_failed",
	"unknown",
	"missed",
	"window_missed"
]), Rr = /* @__PURE__ */ new Set([
	"success",
	"success_with_issues",
	"nothing_to_do"
]);
function zr(e) {
	return e.damaged || Lr.has(e.outcome ?? "") ? "red.solid" : Rr.has(e.outcome ?? "") ? "green.solid" : Ir[e.lane] ?? "gray.solid";
}
var Br = n(function({ row: e, now: t }) {
	let n = rt(e);
	return /* @__PURE__ */ E(l, {
		as: "article",
		borderWidth: "1px",
		borderColor: "border",
		borderLeftWidth: "4px",
		borderLeftColor: zr(e),
		borderRadius: "md",
		p: "3",
		"aria-label": `${e.plan}${e.run ? `, run ${e.run}` : ""}`,
		children: /* @__PURE__ */ D(d, {
			direction: {
				base: "column",
				lg: "row"
			},
			gap: {
				base: "2",
				lg: "6"
			},
			children: [
				/* @__PURE__ */ D(l, {
					flex: "2 1 0",
					minWidth: "0",
					children: [
						/* @__PURE__ */ E(f, {
							as: "h3",
							size: "sm",
							overflowWrap: "anywhere",
							children: /* @__PURE__ */ E(v, {
								to: Qe(e),
								style: { textDecoration: "underline" },
								children: e.plan
							})
						}),
						/* @__PURE__ */ E(m, {
							fontSize: "sm",
							color: "fg.muted",
							overflowWrap: "anywhere",
							children: [
								e.product && e.release ? `${e.product} ${e.release}` : e.product,
								e.environment,
								e.owner && `by ${e.owner}`
							].filter(Boolean).join(" · ")
						}),
						/* @__PURE__ */ D(m, {
							mt: "1",
							overflowWrap: "anywhere",
							"data-testid": "sentence",
							children: [
								e.damaged && /* @__PURE__ */ E("strong", { children: "Damaged record: " }),
								e.outcome && !e.damaged && /* @__PURE__ */ D("strong", { children: [e.outcome.replaceAll("_", " "), ": "] }),
								e.sentence
							]
						}),
						n && /* @__PURE__ */ D(m, {
							mt: "2",
							children: [
								/* @__PURE__ */ E("a", {
									href: et(e) ?? void 0,
									style: {
										textDecoration: "underline",
										fontWeight: 600
									},
									children: e.may.answer ? "Answer" : "See the question"
								}),
								" ",
								"(",
								/* @__PURE__ */ E(v, {
									to: n,
									style: { textDecoration: "underline" },
									children: "in Airflow"
								}),
								")",
								" ",
								/* @__PURE__ */ E(l, {
									as: "span",
									fontSize: "sm",
									color: "fg.muted",
									children: e.question && tt(e.question)
								})
							]
						})
					]
				}),
				/* @__PURE__ */ D(l, {
					flex: "1 1 0",
					minWidth: "0",
					children: [/* @__PURE__ */ E(Fr, { row: e }), /* @__PURE__ */ E(l, {
						mt: "2",
						children: /* @__PURE__ */ E(Pr, { row: e })
					})]
				}),
				/* @__PURE__ */ E(l, {
					flex: "1 1 0",
					minWidth: "0",
					fontSize: "sm",
					children: /* @__PURE__ */ E(Vr, {
						row: e,
						now: t
					})
				})
			]
		})
	});
});
function Vr({ row: e, now: t }) {
	let n = Xe(e), { seats: r, wave: i } = e, a = nt(e);
	return /* @__PURE__ */ D(l, {
		as: "dl",
		display: "grid",
		gridTemplateColumns: "auto 1fr",
		columnGap: "3",
		rowGap: "1",
		m: "0",
		children: [
			n && /* @__PURE__ */ D(Q, {
				what: n.what,
				children: [
					j(n.at, void 0, t),
					", ",
					Ye(n.at, t),
					j(n.at, e.timezone, t) !== j(n.at, void 0, t) && /* @__PURE__ */ E(l, {
						as: "span",
						color: "fg.muted",
						children: `; ${Ge(n.at, e.timezone, t)}`
					})
				]
			}),
			i && e.phase && !e.ended && /* @__PURE__ */ D(Q, {
				what: "wave",
				children: [
					i.number,
					" of ",
					i.of,
					", ",
					i.title
				]
			}),
			r && !e.ended && /* @__PURE__ */ D(Q, {
				what: "approval",
				children: [
					r.taken,
					" of ",
					r.of,
					r.by.length > 0 && ` (${r.by.join(", ")})`,
					r.missing.length > 0 && `, missing: ${r.missing.join(" or ")}`
				]
			}),
			a && /* @__PURE__ */ E(Q, {
				what: "budget",
				children: a
			})
		]
	});
}
function Q({ what: e, children: t }) {
	return /* @__PURE__ */ D(T, { children: [/* @__PURE__ */ E(l, {
		as: "dt",
		color: "fg.muted",
		children: e
	}), /* @__PURE__ */ E(l, {
		as: "dd",
		m: "0",
		overflowWrap: "anywhere",
		children: t
	})] });
}
// src/Releases.tsx
var Hr = {
	"needs you": "Needs you",
	running: "Running",
	waiting: "Waiting",
	"next 7 days": "Next 7 days",
	"ended in 24 h": "Ended in 24 hours"
};
function Ur() {
	let e = Ct(), t = R();
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ E(f, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Releases"
		}),
		/* @__PURE__ */ E(O, { seen: e }),
		e.found === null ? e.problem === null && /* @__PURE__ */ E(m, {
			role: "status",
			children: "Reading plans and records…"
		}) : /* @__PURE__ */ E(Wr, {
			found: e.found,
			now: t
		})
	] });
}
function Wr({ found: e, now: t }) {
	let [n, r] = at(), i = He(e.rows, n);
	return /* @__PURE__ */ D(T, { children: [
		/* @__PURE__ */ E(m, { children: Ze(e, t) }),
		e.hold && /* @__PURE__ */ D(m, {
			role: "status",
			fontWeight: "semibold",
			borderLeftWidth: "4px",
			borderLeftColor: "orange.solid",
			pl: "2",
			my: "2",
			children: ["Everything is ", e.hold.sentence]
		}),
		/* @__PURE__ */ E(Gr, { found: e }),
		/* @__PURE__ */ D(d, {
			gap: "4",
			my: "3",
			wrap: "wrap",
			align: "center",
			justify: "space-between",
			children: [/* @__PURE__ */ E(ot, {
				rows: e.rows,
				filter: n,
				choose: r
			}), /* @__PURE__ */ E(jr, { found: e })]
		}),
		e.lanes.map((e) => /* @__PURE__ */ E(Kr, {
			lane: e,
			rows: i.filter((t) => t.lane === e),
			now: t
		}, e))
	] });
}
function Gr({ found: e }) {
	return [e.unread > 0 && `Still reading: ${e.unread} runs or plan files.`, e.rejected > 0 && `Not shown: ${e.rejected} plan files with problems; see Airflow's import errors, or deployplan lint.`].filter((e) => !!e).map((e) => /* @__PURE__ */ E(m, {
		fontSize: "sm",
		color: "fg.muted",
		role: "status",
		children: e
	}, e));
}
function Kr({ lane: e, rows: t, now: n }) {
	let r = `lane-${e.replaceAll(" ", "-")}`;
	return /* @__PURE__ */ D(l, {
		as: "section",
		"aria-labelledby": r,
		mt: "4",
		children: [/* @__PURE__ */ D(f, {
			as: "h2",
			size: "md",
			id: r,
			children: [
				Hr[e],
				" (",
				t.length,
				")"
			]
		}), t.length === 0 ? /* @__PURE__ */ E(m, {
			fontSize: "sm",
			color: "fg.muted",
			children: "nothing"
		}) : /* @__PURE__ */ E(d, {
			as: "ul",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: t.map((e) => /* @__PURE__ */ E(l, {
				as: "li",
				children: /* @__PURE__ */ E(Br, {
					row: e,
					now: n
				})
			}, `${e.plan}/${e.run}`))
		})]
	});
}
// src/pages.tsx
var qr = [
	{
		path: "",
		label: "Releases",
		Component: Ur
	},
	{
		path: "runs/:plan/:run",
		Component: wr
	},
	{
		path: "nodes",
		label: "Nodes",
		Component: qt
	},
	{
		path: "nodes/:environment/:node",
		Component: Ut
	},
	{
		path: "calendar",
		label: "Calendar",
		Component: Pe
	},
	{
		path: "history",
		label: "History",
		Component: Rt
	},
	{
		path: "plans",
		label: "Plans",
		Component: vn
	},
	{
		path: "plans/:plan",
		Component: pn
	}
], Jr = { "@media (prefers-reduced-motion: reduce)": { "&, & *": {
	transitionDuration: "0s !important",
	animationDuration: "0s !important"
} } };
function Yr() {
	return /* @__PURE__ */ D(l, {
		as: "main",
		p: {
			base: "3",
			md: "6"
		},
		maxWidth: "1600px",
		width: "100%",
		overflowY: "auto",
		css: Jr,
		children: [/* @__PURE__ */ E(Xr, {}), /* @__PURE__ */ D(te, { children: [qr.map(({ path: e, Component: t }) => /* @__PURE__ */ E(y, {
			path: e,
			element: /* @__PURE__ */ E(Zr, { Component: t })
		}, e)), /* @__PURE__ */ E(y, {
			path: "*",
			element: /* @__PURE__ */ E(Qr, {})
		})] })]
	});
}
function Xr() {
	let e = qr.filter((e) => e.label);
	return e.length < 2 ? null : /* @__PURE__ */ E(l, {
		as: "nav",
		"aria-label": "Pages of deployplan",
		display: "flex",
		flexWrap: "wrap",
		gap: "4",
		mb: "3",
		borderBottomWidth: "1px",
		borderColor: "border",
		children: e.map(({ path: e, label: t }) => /* @__PURE__ */ E(ee, {
			to: e ? `${ie}/${e}` : ie,
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
function Zr({ Component: e }) {
	let { pathname: t } = ne();
	return /* @__PURE__ */ E(s, {
		instead: "This page broke; the others stand. `deployplan status` and `deployplan nodes` tell the same.",
		children: /* @__PURE__ */ E(e, {})
	}, t);
}
function Qr() {
	let { pathname: e } = ne();
	return /* @__PURE__ */ D("p", {
		role: "status",
		children: [
			"There is no page ",
			e,
			"."
		]
	});
}
// src/Strip.tsx
function $r() {
	let { found: e } = Ct(1e4), t = R();
	return e === null ? null : /* @__PURE__ */ D(l, {
		borderWidth: "1px",
		borderRadius: "md",
		px: "3",
		py: "2",
		mb: "3",
		children: [
			/* @__PURE__ */ E(v, {
				to: "/plugin/releases",
				style: { textDecoration: "underline" },
				children: "Releases"
			}),
			": ",
			Ze(e, t)
		]
	});
}
function ei() {
	let { found: e } = Ct(15e3);
	if (e === null) return null;
	let t = e.rows.filter((e) => e.outcome === "backout_failed");
	return e.hold === null && t.length === 0 ? null : /* @__PURE__ */ D(l, {
		role: "status",
		borderLeftWidth: "4px",
		borderLeftColor: "red.solid",
		bg: "bg.muted",
		px: "3",
		py: "1",
		fontSize: "sm",
		children: [e.hold && /* @__PURE__ */ D("div", { children: ["Everything is ", e.hold.sentence] }), t.map((e) => /* @__PURE__ */ D("div", { children: [
			"Backout failed: ",
			e.plan,
			": ",
			e.sentence
		] }, `${e.plan}/${e.run}`))]
	});
}
// src/main.tsx
var $ = "The page of releases broke; `deployplan status` tells the same.", ti = globalThis, ni = {
	Releases: [Yr, $],
	Release: [Tr, $],
	Plan: [mn, $],
	"Deployplan strip": [$r, null],
	"Deployplan banner": [ei, null]
}, ri = [
	"React",
	"ReactDOM",
	"ReactJSXRuntime",
	"ReactRouterDOM",
	"ChakraUI"
].filter((e) => ti[e] === void 0);
for (let [e, [t, n]] of Object.entries(ni)) ti[e] = ri.length > 0 ? () => n && `This Airflow gives plugins no ${ri.join(", ")}. ${$}` : (e) => /* @__PURE__ */ E(s, {
	instead: n,
	children: /* @__PURE__ */ E(t, { ...e })
});
