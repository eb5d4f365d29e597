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
var T = globalThis.ReactJSXRuntime ?? {}, E = T.Fragment, D = T.jsx, O = T.jsxs;
// src/Problem.tsx
function k({ seen: e }) {
	if (e.problem === null) return null;
	let t = encodeURIComponent(location.href);
	return /* @__PURE__ */ O(l, {
		role: "alert",
		borderLeftWidth: "4px",
		borderLeftColor: "red.solid",
		pl: "2",
		my: "2",
		children: [/* @__PURE__ */ O(m, {
			overflowWrap: "anywhere",
			children: [e.problem, e.found !== null && " What is shown below may be out of date."]
		}), e.signedOut && /* @__PURE__ */ D("a", {
			href: new URL(`api/v2/auth/login?next=${t}`, document.baseURI).href,
			style: { textDecoration: "underline" },
			children: "Log in again"
		})]
	});
}
// src/calendar/calendar.ts
var le = [
	"window",
	"freeze",
	"plan",
	"free"
], ue = {
	window: "Windows",
	freeze: "Freezes",
	plan: "Releases",
	free: "Free slots"
};
function de(e) {
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
function fe(e) {
	return e.kind === "free" ? "free" : e.plan === null ? e.what : `${e.plan.name}, ${e.plan.state}`;
}
function pe(e, t, n) {
	let [r, i] = [Date.parse(t), Date.parse(n)], a = Math.max(Date.parse(e.start), r), o = Math.min(e.end === null ? i : Date.parse(e.end), i);
	return a >= i || o <= r ? null : {
		left: 100 * (a - r) / (i - r),
		width: 100 * Math.max(0, o - a) / (i - r)
	};
}
function me(e, t) {
	let n = e.days[t]?.begins ?? e.end, r = e.days[t + 1]?.begins ?? e.end;
	return e.entries.filter((e) => pe(e, n, r) !== null);
}
function he(e, t = 0) {
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
function A(e, t = !1) {
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
function ge(e) {
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
function _e() {
	return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
// src/calendar/Agenda.tsx
function ve(e) {
	let t = `/dags/${encodeURIComponent(e.name)}`;
	return e.run ? `${t}/runs/${encodeURIComponent(e.run)}` : t;
}
function ye({ found: e }) {
	let t = (t, n) => Date.parse(t.start) < Date.parse(e.days[n + 1]?.begins ?? e.end) && (n === 0 || Date.parse(t.start) >= Date.parse(e.days[n]?.begins ?? e.end)), n = e.days.map((n, r) => ({
		day: n,
		entries: e.entries.filter((e) => t(e, r))
	})).filter(({ entries: e }) => e.length > 0);
	return n.length === 0 ? /* @__PURE__ */ D(m, {
		mt: "3",
		children: "Nothing happens in this time."
	}) : /* @__PURE__ */ D(l, {
		mt: "3",
		children: n.map(({ day: t, entries: n }) => /* @__PURE__ */ O(l, {
			as: "section",
			mt: "3",
			"aria-labelledby": `day-${t.date}`,
			children: [/* @__PURE__ */ O(f, {
				as: "h3",
				size: "sm",
				id: `day-${t.date}`,
				children: [A(t.date, !0), t.date === e.today && " (today)"]
			}), /* @__PURE__ */ D(l, {
				as: "ul",
				listStyleType: "none",
				p: "0",
				children: n.map((e, t) => /* @__PURE__ */ D(be, { entry: e }, t))
			})]
		}, t.date))
	});
}
function be({ entry: e }) {
	let { plan: t } = e;
	return /* @__PURE__ */ O(l, {
		as: "li",
		display: "flex",
		flexWrap: "wrap",
		columnGap: "3",
		py: "1",
		fontSize: "sm",
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ O(l, {
				as: "span",
				flex: "0 1 20rem",
				minWidth: "0",
				children: [
					/* @__PURE__ */ O("span", {
						"aria-hidden": "true",
						children: [de(e), " "]
					}),
					e.begins,
					" to ",
					e.ends
				]
			}),
			/* @__PURE__ */ D(l, {
				as: "span",
				minWidth: "4rem",
				children: e.kind
			}),
			/* @__PURE__ */ D(l, {
				as: "span",
				flex: "1 1 20rem",
				minWidth: "0",
				children: t ? /* @__PURE__ */ O(E, { children: [/* @__PURE__ */ D(v, {
					to: ve(t),
					style: { textDecoration: "underline" },
					children: t.name
				}), e.what.startsWith(t.name) ? e.what.slice(t.name.length) : ` ${e.what}`] }) : e.what
			})
		]
	});
}
// src/calendar/MonthGrid.tsx
var xe = 6;
function Se({ found: e }) {
	return /* @__PURE__ */ D(l, {
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
			let r = me(e, n);
			return /* @__PURE__ */ O(l, {
				as: "li",
				minHeight: "6rem",
				p: "1",
				borderRightWidth: "1px",
				borderBottomWidth: "1px",
				borderColor: "border",
				bg: t.asked_for ? "bg" : "bg.muted",
				fontSize: "xs",
				children: [
					/* @__PURE__ */ O(m, {
						fontWeight: t.date === e.today ? "bold" : "normal",
						children: [A(t.date), t.date === e.today && " (today)"]
					}),
					r.slice(0, xe).map((e, t) => /* @__PURE__ */ O(m, {
						truncate: !0,
						lineHeight: "1.5rem",
						title: `${e.begins} to ${e.ends}: ${e.what}`,
						children: [
							de(e),
							" ",
							e.plan ? /* @__PURE__ */ D(v, {
								to: ve(e.plan),
								children: fe(e)
							}) : fe(e)
						]
					}, t)),
					r.length > xe && /* @__PURE__ */ O(m, { children: [
						"and ",
						r.length - xe,
						" more"
					] })
				]
			}, t.date);
		})
	});
}
// src/calendar/SlotFinder.tsx
var Ce = 6e4, we = "choose a plan";
function Te({ found: e }) {
	let [t, n] = b(), r = t.get("plan") ?? "", i = (e, t) => {
		let r = new URLSearchParams(location.search);
		t === we ? r.delete(e) : r.set(e, t), n(r, { replace: !0 });
	}, a = [
		...e.entries.flatMap((e) => e.plan ? [e.plan.name] : []),
		...e.without_opening,
		...e.any_time
	], o = [.../* @__PURE__ */ new Set([
		we,
		...r ? [r] : [],
		...a.sort()
	])];
	return /* @__PURE__ */ O(l, {
		as: "section",
		mt: "5",
		"aria-labelledby": "deployplan-fits",
		children: [
			/* @__PURE__ */ D(f, {
				as: "h2",
				size: "md",
				id: "deployplan-fits",
				children: "Where does a plan fit next?"
			}),
			/* @__PURE__ */ D(l, {
				my: "2",
				fontSize: "sm",
				children: /* @__PURE__ */ D(j, {
					name: "plan",
					value: r || we,
					offered: o,
					choose: i
				})
			}),
			r && /* @__PURE__ */ D(Ee, { plan: r })
		]
	});
}
function Ee({ plan: e }) {
	let t = C(`plans/${encodeURIComponent(e)}/slot`, Ce), n = t.found?.slots.filter((e) => e.taken_by.length > 0) ?? [];
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ D(k, { seen: t }),
		t.found === null && t.problem === null && /* @__PURE__ */ D(m, {
			role: "status",
			children: "Looking…"
		}),
		t.found && /* @__PURE__ */ O(m, {
			role: "status",
			overflowWrap: "anywhere",
			fontWeight: "medium",
			children: [t.found.fits ? "✓ " : "✗ ", t.found.sentence]
		}),
		n.length > 0 && /* @__PURE__ */ D(l, {
			as: "ul",
			fontSize: "sm",
			pl: "5",
			children: n.map((e) => /* @__PURE__ */ D(l, {
				as: "li",
				overflowWrap: "anywhere",
				children: `${e.opens.slice(0, 16).replace("T", " ")} (${e.timezone}): taken by ${e.taken_by.join(", ")}`
			}, e.opens))
		})
	] });
}
// src/calendar/Timeline.tsx
var De = {
	window: "blue.solid",
	freeze: "red.solid",
	free: "green.solid",
	plan: "border.emphasized"
}, Oe = .04;
function ke({ found: e }) {
	return /* @__PURE__ */ D(l, {
		display: {
			base: "none",
			md: "block"
		},
		role: "region",
		"aria-label": "Timeline of the week",
		tabIndex: 0,
		overflowX: "auto",
		my: "3",
		children: /* @__PURE__ */ O(l, {
			minWidth: "60rem",
			borderWidth: "1px",
			borderColor: "border",
			borderRadius: "md",
			children: [/* @__PURE__ */ D(d, {
				ml: "7rem",
				position: "relative",
				height: "2rem",
				children: e.days.map((t, n) => {
					let r = e.days[n + 1]?.begins ?? e.end;
					return /* @__PURE__ */ O(m, {
						width: `${100 * (Date.parse(r) - Date.parse(t.begins)) / (Date.parse(e.end) - Date.parse(e.start))}%`,
						px: "1",
						borderLeftWidth: "1px",
						fontSize: "sm",
						fontWeight: t.date === e.today ? "bold" : "normal",
						children: [A(t.date), t.date === e.today && " (today)"]
					}, t.date);
				})
			}), le.map((t) => /* @__PURE__ */ D(Ae, {
				title: ue[t],
				entries: e.entries.filter((e) => e.kind === t),
				found: e
			}, t))]
		})
	});
}
function Ae({ title: e, entries: t, found: n }) {
	let r = he(t, Oe * (Date.parse(n.end) - Date.parse(n.start)));
	return /* @__PURE__ */ O(d, {
		borderTopWidth: "1px",
		borderColor: "border",
		children: [/* @__PURE__ */ D(m, {
			width: "7rem",
			flex: "none",
			p: "1",
			fontSize: "sm",
			children: e
		}), /* @__PURE__ */ O(l, {
			flex: "1",
			minWidth: "0",
			children: [r.length === 0 && /* @__PURE__ */ D(m, {
				fontSize: "sm",
				color: "fg.muted",
				p: "1",
				children: "none"
			}), r.map((e, t) => /* @__PURE__ */ D(l, {
				position: "relative",
				height: "2rem",
				children: e.map((e, t) => /* @__PURE__ */ D(je, {
					entry: e,
					found: n
				}, t))
			}, t))]
		})]
	});
}
function je({ entry: e, found: t }) {
	let n = pe(e, t.start, t.end);
	if (n === null) return null;
	let r = {
		left: `${n.left}%`,
		width: `${n.width}%`
	}, i = `${e.begins} to ${e.ends}: ${e.what || "free"}`, a = `${de(e)} ${fe(e)}`;
	return /* @__PURE__ */ D(l, {
		position: "absolute",
		top: "0.15rem",
		minWidth: "2rem",
		height: "1.7rem",
		style: r,
		title: i,
		borderWidth: "1px",
		borderLeftWidth: "4px",
		boxSizing: "border-box",
		borderColor: e.plan?.conflict ? "orange.solid" : De[e.kind],
		borderStyle: e.kind === "free" ? "dashed" : "solid",
		bg: "bg.muted",
		borderRadius: "sm",
		fontSize: "xs",
		px: e.plan ? "0" : "1",
		overflow: "hidden",
		lineHeight: "1.6rem",
		whiteSpace: "nowrap",
		textOverflow: "ellipsis",
		children: e.plan ? /* @__PURE__ */ D(v, {
			to: ve(e.plan),
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
var Me = 3e4;
function Ne() {
	let [e] = b(), t = C(ge(e), Me), [n, r] = o(null);
	t.found !== null && t.found !== n && r(t.found);
	let i = t.found ?? n;
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ D(f, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Calendar"
		}),
		/* @__PURE__ */ D(k, { seen: t }),
		i === null ? t.problem === null && /* @__PURE__ */ D(m, {
			role: "status",
			children: "Reading plans and windows…"
		}) : /* @__PURE__ */ D(Pe, { found: i })
	] });
}
function Pe({ found: e }) {
	let t = e.scale === "week" ? `${A(e.first)} to ${A(e.last)} ${e.last.slice(0, 4)}` : Fe(e.first);
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ D(Le, { found: e }),
		/* @__PURE__ */ O(f, {
			as: "h2",
			size: "md",
			mt: "4",
			children: [
				e.environment,
				", ",
				t
			]
		}),
		/* @__PURE__ */ O(m, { children: [
			"Times in ",
			/* @__PURE__ */ D("strong", { children: e.zone }),
			e.zone !== e.timezone && ` (the environment's own is ${e.timezone})`
		] }),
		/* @__PURE__ */ D(Ie, { found: e }),
		e.scale === "week" ? /* @__PURE__ */ D(ke, { found: e }) : /* @__PURE__ */ D(Se, { found: e }),
		/* @__PURE__ */ D(ye, { found: e }),
		/* @__PURE__ */ D(Te, { found: e }),
		/* @__PURE__ */ D(m, {
			mt: "4",
			children: /* @__PURE__ */ D("a", {
				href: S(`calendar.ics?environment=${encodeURIComponent(e.environment)}`),
				download: !0,
				style: { textDecoration: "underline" },
				children: "Download as iCalendar file (.ics)"
			})
		})
	] });
}
function Fe(e) {
	return new Intl.DateTimeFormat("en-GB", {
		month: "long",
		year: "numeric",
		timeZone: "UTC"
	}).format(/* @__PURE__ */ new Date(`${e}T00:00:00Z`));
}
function Ie({ found: e }) {
	return [
		e.without_opening.length > 0 && `No opening of this time fits: ${e.without_opening.join(", ")}.`,
		e.any_time.length > 0 && `At any time: ${e.any_time.join(", ")}.`,
		...Object.entries(e.left_out).map(([e, t]) => `Not shown: ${t} more of kind ${e}.`)
	].filter((e) => !!e).map((e) => /* @__PURE__ */ D(m, {
		fontSize: "sm",
		color: "fg.muted",
		overflowWrap: "anywhere",
		children: e
	}, e));
}
function Le({ found: e }) {
	let [t, n] = b(), r = (e, t) => {
		let r = new URLSearchParams(location.search);
		r.set(e, t), n(r, { replace: !0 });
	}, i = [.../* @__PURE__ */ new Set([
		e.timezone,
		_e(),
		"UTC",
		e.zone
	])];
	return /* @__PURE__ */ O(d, {
		gap: "4",
		wrap: "wrap",
		align: "center",
		my: "2",
		fontSize: "sm",
		children: [
			/* @__PURE__ */ D(j, {
				name: "environment",
				value: e.environment,
				offered: e.environments,
				choose: r
			}),
			/* @__PURE__ */ D(j, {
				name: "scale",
				value: e.scale,
				offered: ["week", "month"],
				choose: r
			}),
			/* @__PURE__ */ D(j, {
				name: "zone",
				value: e.zone,
				offered: i,
				choose: r
			}),
			/* @__PURE__ */ O(d, {
				as: "nav",
				"aria-label": "Period",
				gap: "3",
				children: [
					/* @__PURE__ */ D(Re, {
						chosen: t,
						around: e.before,
						children: "← earlier"
					}),
					/* @__PURE__ */ D(Re, {
						chosen: t,
						around: e.today,
						children: "today"
					}),
					/* @__PURE__ */ D(Re, {
						chosen: t,
						around: e.after,
						children: "later →"
					})
				]
			})
		]
	});
}
function Re({ chosen: e, around: t, children: n }) {
	let r = new URLSearchParams(e);
	return r.set("around", t), /* @__PURE__ */ D(v, {
		to: { search: `?${r.toString()}` },
		style: { textDecoration: "underline" },
		children: n
	});
}
function j(e) {
	let t = `deployplan-calendar-${e.name}`;
	return /* @__PURE__ */ O(l, { children: [/* @__PURE__ */ O("label", {
		htmlFor: t,
		children: [e.name, " "]
	}), /* @__PURE__ */ D(g.select, {
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
		children: e.offered.map((e) => /* @__PURE__ */ D("option", {
			value: e,
			children: e
		}, e))
	})] });
}
// src/Choice.tsx
function ze(e) {
	let { label: t, value: n, offered: r, choose: i } = e, a = `deployplan-${t.replaceAll(" ", "-")}`;
	return /* @__PURE__ */ O(l, {
		fontSize: "sm",
		children: [/* @__PURE__ */ O("label", {
			htmlFor: a,
			children: [t, " "]
		}), /* @__PURE__ */ O(g.select, {
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
			children: [/* @__PURE__ */ D("option", {
				value: "",
				children: "all"
			}), [.../* @__PURE__ */ new Set([...r, ...n ? [n] : []])].map((e) => /* @__PURE__ */ D("option", {
				value: e,
				children: e
			}, e))]
		})]
	});
}
// src/tonight.ts
var Be = [
	"review",
	"window",
	"deploy",
	"verify",
	"backout",
	"outcome"
];
function Ve(e, t) {
	return e.filter((e) => (!t.environment || e.environment === t.environment) && (!t.product || e.product === t.product) && (!t.person || He(e).includes(t.person)));
}
function He(e) {
	let { question: t, seats: n, owner: r } = e;
	return [.../* @__PURE__ */ new Set([
		...t?.people ?? [],
		...n?.by ?? [],
		...n?.missing ?? [],
		...r ? [r] : []
	])];
}
function Ue(e, t) {
	return [...new Set(e.flatMap(t).filter((e) => !!e))].sort();
}
function M(e, t, n) {
	let r = new Date(e), i = (e) => e.toLocaleDateString("en-CA", { timeZone: t }), a = Math.abs(r.getTime() - n.getTime()) > 6 * Ke;
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
function We(e, t, n) {
	let r = M(e, t, n);
	return r.endsWith(` ${t}`) ? r : `${r} (${t})`;
}
var Ge = 6e4, Ke = 1440 * Ge, qe = 3e4;
function Je(e, t) {
	let n = Date.parse(e) - t.getTime();
	if (Math.abs(n) <= 3e4) return "now";
	let r = Math.max(1, Math.round(Math.abs(n) / Ge)), i = Math.floor(r / 1440), a = Math.floor(r % 1440 / 60), o = (i ? [`${i} d`, a ? `${a} h` : ""] : a ? [`${a} h`, `${r % 60} min`] : [`${r} min`]).filter(Boolean).join(" ");
	return n >= 0 ? `in ${o}` : `${o} ago`;
}
function Ye(e) {
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
function Xe(e, t) {
	let n = (t) => e.rows.filter((e) => e.lane === t).length, r = e.rows.filter((e) => e.began && !e.ended).length, i = [r === 1 ? "1 release runs" : `${r || "no"} releases run`], a = n("needs you");
	i.push(a === 1 ? "1 waits for you" : `${a || "none"} wait for you`);
	let o = e.rows.filter((e) => e.opens && Date.parse(e.opens) > t.getTime());
	o.sort((e, t) => Date.parse(e.opens ?? "") - Date.parse(t.opens ?? ""));
	let s = o[0];
	return s?.opens && i.push(`next opening ${We(s.opens, s.timezone, t)}`), i.join(" · ");
}
function Ze(e) {
	return e.run ? x("runs", e.plan, e.run) : Qe(e);
}
function Qe(e) {
	let t = `/dags/${encodeURIComponent(e.plan)}`;
	return e.run ? `${t}/runs/${encodeURIComponent(e.run)}` : t;
}
function $e(e) {
	let t = `deployplan/m/${encodeURIComponent(e.plan)}/${encodeURIComponent(e.run ?? "")}`;
	return e.question && e.run ? new URL(t, document.baseURI).href : null;
}
function et(e) {
	return e.question && e.run ? `${Qe(e)}/tasks/${encodeURIComponent(e.question.task)}/required_actions` : null;
}
// src/Filters.tsx
var tt = [
	"environment",
	"product",
	"person"
];
function nt() {
	let [e, t] = N(), [n, r, i] = tt.map((t) => e.get(t) ?? "");
	return [{
		environment: n,
		product: r,
		person: i
	}, (e, n) => t({ [e]: n })];
}
function N() {
	let [e, t] = b();
	return [e, (e) => {
		let n = new URLSearchParams(location.search);
		for (let [t, r] of Object.entries(e)) r ? n.set(t, r) : n.delete(t);
		t(n, { replace: !0 });
	}];
}
function rt(e) {
	let { rows: t, filter: n, choose: r } = e, i = {
		environment: Ue(t, (e) => [e.environment]),
		product: Ue(t, (e) => [e.product]),
		person: Ue(t, He)
	};
	return /* @__PURE__ */ D(d, {
		gap: "3",
		wrap: "wrap",
		children: tt.map((e) => /* @__PURE__ */ D(ze, {
			label: e,
			value: n[e],
			offered: i[e],
			choose: (t) => r(e, t)
		}, e))
	});
}
// src/release/TwoClocks.tsx
function P({ at: e, zone: t, now: n }) {
	let r = M(e, void 0, n);
	return /* @__PURE__ */ O("time", {
		dateTime: e,
		children: [r, M(e, t, n) !== r && /* @__PURE__ */ O("span", {
			style: { color: "var(--chakra-colors-fg-muted)" },
			children: [
				" (",
				We(e, t, n),
				")"
			]
		})]
	});
}
// src/When.tsx
function F({ at: e, zone: t, now: n }) {
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ D(P, {
			at: e,
			zone: t,
			now: n
		}),
		", ",
		Je(e, n)
	] });
}
// src/nodes/nodes.ts
var it = [
	"environment",
	"product",
	"state",
	"holder",
	"verified",
	"q"
];
function at(e, t = {}, n = it) {
	let r = new URLSearchParams();
	for (let t of n) {
		let n = e.get(t);
		n && r.set(t, n);
	}
	for (let [e, n] of Object.entries(t)) n && r.set(e, n);
	return r.toString();
}
var ot = {
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
function st(e) {
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
var I = { textDecoration: "underline" }, ct = {
	done: "green.solid",
	working: "blue.solid",
	failed: "red.solid",
	unknown: "purple.solid",
	"left out": "orange.solid",
	"not known": "red.solid"
};
function lt({ state: e }) {
	return /* @__PURE__ */ O(l, {
		as: "span",
		whiteSpace: "nowrap",
		borderLeftWidth: "4px",
		borderLeftColor: ct[e] ?? "border.emphasized",
		pl: "2",
		children: [/* @__PURE__ */ O("span", {
			"aria-hidden": "true",
			children: [ot[e] ?? "•", " "]
		}), e]
	});
}
function L({ run: e }) {
	return /* @__PURE__ */ O(v, {
		to: x("runs", e.plan, e.run),
		style: I,
		children: [
			e.plan,
			" ",
			e.run
		]
	});
}
function ut({ row: e, now: t }) {
	return e.installed.length === 0 ? /* @__PURE__ */ D(R, { children: "nothing recorded" }) : e.installed.map((n) => /* @__PURE__ */ O(l, {
		mb: "1",
		overflowWrap: "anywhere",
		"data-testid": "installed",
		children: [
			/* @__PURE__ */ O("strong", { children: [
				n.product,
				" ",
				n.component,
				" ",
				n.version || "none"
			] }),
			" ",
			n.event,
			" ",
			/* @__PURE__ */ D(F, {
				at: n.since,
				zone: e.timezone,
				now: t
			}),
			" ",
			"by ",
			/* @__PURE__ */ D(L, { run: n }),
			", ",
			n.verified ? "verified" : "not verified",
			n.verified_by && n.verified_by !== n.run && ` by run ${n.verified_by}`
		]
	}, `${n.product}/${n.component}`));
}
function dt({ row: e, now: t }) {
	return e.holder === null ? /* @__PURE__ */ D(R, { children: "nobody" }) : /* @__PURE__ */ O(l, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ D(L, { run: e.holder }),
			" since ",
			/* @__PURE__ */ D(F, {
				at: e.holder.since,
				zone: e.timezone,
				now: t
			}),
			e.holder.frozen && /* @__PURE__ */ O(m, {
				fontWeight: "medium",
				children: ["frozen: ", e.holder.frozen]
			}),
			e.jobs.map((n) => /* @__PURE__ */ O(m, { children: [
				n.component,
				" ",
				n.step,
				" runs since ",
				/* @__PURE__ */ D(F, {
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
function ft({ row: e }) {
	return /* @__PURE__ */ O(l, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ D(lt, { state: e.state }),
			e.last && (e.state !== "done" || e.last.outcome === null) && /* @__PURE__ */ O(m, { children: [
				"in ",
				/* @__PURE__ */ D(L, { run: e.last }),
				e.last.outcome === null && ", which goes on"
			] }),
			e.drained && /* @__PURE__ */ D(m, {
				fontWeight: "medium",
				children: e.drained
			}),
			e.why && /* @__PURE__ */ D(m, { children: e.why }),
			e.problems.map((e) => /* @__PURE__ */ O(m, { children: [
				/* @__PURE__ */ D("strong", { children: "Not known:" }),
				" ",
				e.plan,
				" ",
				e.run,
				": ",
				e.sentence
			] }, `${e.plan}/${e.run}`)),
			e.hidden > 0 && /* @__PURE__ */ O(R, { children: [e.hidden, " more of plans that you may not read"] }),
			!e.declared && /* @__PURE__ */ D(R, { children: "not in the environment's file" })
		]
	});
}
function pt({ row: e, now: t }) {
	return e.next === null ? /* @__PURE__ */ D(R, { children: "nothing within 7 days" }) : /* @__PURE__ */ O(l, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ D(v, {
				to: `/dags/${encodeURIComponent(e.next.plan)}`,
				style: I,
				children: e.next.plan
			}),
			e.next.release && ` (${e.next.release})`,
			" opens ",
			/* @__PURE__ */ D(F, {
				at: e.next.opens,
				zone: e.timezone,
				now: t
			})
		]
	});
}
function R({ children: e }) {
	return /* @__PURE__ */ D(l, {
		as: "span",
		color: "fg.muted",
		children: e
	});
}
function mt({ found: e }) {
	return [
		e.unread > 0 && `Still reading: ${e.unread} runs; until then nodes may have more on them than is shown.`,
		e.older > 0 && `${e.older} earlier runs are not looked at here; deployplan evidence tells of them.`,
		...Object.entries(e.broken).map(([e, t]) => `The file of ${e} cannot be read: ${t}`)
	].filter((e) => !!e).map((e) => /* @__PURE__ */ D(m, {
		fontSize: "sm",
		color: "fg.muted",
		role: "status",
		overflowWrap: "anywhere",
		children: e
	}, e));
}
function ht({ row: e, now: t }) {
	return /* @__PURE__ */ D(l, {
		as: "dl",
		display: "grid",
		gridTemplateColumns: "auto minmax(0, 1fr)",
		columnGap: "4",
		rowGap: "1",
		my: "3",
		children: [
			["stands", /* @__PURE__ */ D(ft, { row: e }, "stands")],
			["installed", /* @__PURE__ */ D(ut, {
				row: e,
				now: t
			}, "installed")],
			["held by", /* @__PURE__ */ D(dt, {
				row: e,
				now: t
			}, "held")],
			["next plan", /* @__PURE__ */ D(pt, {
				row: e,
				now: t
			}, "next")]
		].map(([e, t]) => /* @__PURE__ */ O(l, {
			display: "contents",
			children: [/* @__PURE__ */ D(l, {
				as: "dt",
				color: "fg.muted",
				children: e
			}), /* @__PURE__ */ D(l, {
				as: "dd",
				m: "0",
				children: t
			})]
		}, e))
	});
}
// src/Search.tsx
var gt = 300;
function _t({ value: e, hint: t, search: n }) {
	let [i, a] = o(e);
	return r(() => a(e), [e]), r(() => {
		if (i.trim() === e) return;
		let t = setTimeout(() => n(i.trim()), gt);
		return () => clearTimeout(t);
	}, [i]), /* @__PURE__ */ O(l, {
		fontSize: "sm",
		children: [/* @__PURE__ */ D("label", {
			htmlFor: "deployplan-q",
			children: "search "
		}), /* @__PURE__ */ D(p, {
			id: "deployplan-q",
			type: "search",
			size: "sm",
			width: "16rem",
			maxWidth: "100%",
			maxLength: 250,
			value: i,
			placeholder: t,
			onChange: (e) => a(e.target.value)
		})]
	});
}
// src/store.ts
var vt = new se("tonight", (e) => e.unread > 0);
function yt() {
	return vt.refresh();
}
function bt(e) {
	return ce(vt, e);
}
function z() {
	let [e, t] = o(() => /* @__PURE__ */ new Date());
	return r(() => {
		let e = setInterval(() => t(/* @__PURE__ */ new Date()), qe);
		return () => clearInterval(e);
	}, []), e;
}
async function xt(e, t) {
	try {
		let n = await fetch(S(e), {
			method: "POST",
			credentials: "same-origin",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ reason: t })
		});
		return n.ok ? (await yt(), null) : await w(n);
	} catch (e) {
		return `Airflow does not answer: ${e instanceof Error ? e.message : String(e)}`;
	}
}
// src/useIsWide.ts
var St = "(min-width: 64em)";
function Ct() {
	let [e, t] = o(() => matchMedia(St).matches);
	return r(() => {
		let e = matchMedia(St), n = () => t(e.matches);
		return e.addEventListener("change", n), () => e.removeEventListener("change", n);
	}, []), e;
}
// src/history/history.ts
var wt = [
	"ticket",
	"feature",
	"person",
	"node"
], Tt = [
	"environment",
	"product",
	"outcome",
	"q",
	"within",
	"after"
];
function Et(e) {
	let t = [...new Set(e.map((e) => e.environment))].sort(), n = [...new Set(e.map((e) => e.product))].sort(), r = (t, n) => e.find((e) => e.product === t && e.environment === n);
	return {
		environments: t,
		rows: n.map((e) => ({
			product: e,
			cells: t.map((t) => r(e, t))
		}))
	};
}
function Dt(e) {
	return e.replaceAll("_", " ");
}
var Ot = /* @__PURE__ */ new Set(["success", "nothing_to_do"]), kt = /* @__PURE__ */ new Set([
	"backout_failed",
	"left_drained",
	"unknown"
]);
function At(e) {
	return Ot.has(e) ? "✓" : kt.has(e) ? "!" : e === "success_with_issues" ? "~" : e === "backed_out" ? "↩" : "✗";
}
// src/history/Outcome.tsx
function jt({ outcome: e }) {
	return /* @__PURE__ */ O("span", {
		style: { whiteSpace: "nowrap" },
		children: [/* @__PURE__ */ O("span", {
			"aria-hidden": "true",
			children: [At(e), " "]
		}), Dt(e)]
	});
}
// src/history/CurrentGrid.tsx
function Mt({ current: e, now: t }) {
	let n = Ct(), { environments: r, rows: i } = Et(e);
	return /* @__PURE__ */ O(l, {
		as: "section",
		"aria-labelledby": "current",
		mt: "3",
		children: [/* @__PURE__ */ D(f, {
			as: "h2",
			size: "md",
			id: "current",
			children: "What is where"
		}), e.length === 0 ? /* @__PURE__ */ D(R, { children: "no run has ended" }) : n && r.length <= 4 ? /* @__PURE__ */ O(l, {
			as: "table",
			fontSize: "sm",
			mt: "2",
			width: "100%",
			style: {
				borderCollapse: "collapse",
				tableLayout: "fixed"
			},
			children: [/* @__PURE__ */ D("thead", { children: /* @__PURE__ */ D("tr", { children: ["product", ...r].map((e) => /* @__PURE__ */ D(l, {
				as: "th",
				textAlign: "start",
				p: "2",
				color: "fg.muted",
				fontWeight: "medium",
				children: e
			}, e)) }) }), /* @__PURE__ */ D("tbody", { children: i.map((e) => /* @__PURE__ */ O(l, {
				as: "tr",
				borderTopWidth: "1px",
				borderColor: "border",
				children: [/* @__PURE__ */ D("th", {
					scope: "row",
					style: {
						textAlign: "start",
						padding: "0.5rem",
						verticalAlign: "top",
						overflowWrap: "anywhere"
					},
					children: e.product
				}), e.cells.map((e, n) => /* @__PURE__ */ D("td", {
					style: {
						padding: "0.5rem",
						verticalAlign: "top"
					},
					children: e ? /* @__PURE__ */ D(Nt, {
						cell: e,
						now: t
					}) : /* @__PURE__ */ D(R, { children: "never released" })
				}, r[n]))]
			}, e.product)) })]
		}) : /* @__PURE__ */ D(d, {
			as: "ul",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: e.map((e) => /* @__PURE__ */ O(l, {
				as: "li",
				borderTopWidth: "1px",
				borderColor: "border",
				py: "2",
				fontSize: "sm",
				children: [
					/* @__PURE__ */ D("strong", { children: e.product }),
					" in ",
					e.environment,
					/* @__PURE__ */ D(Nt, {
						cell: e,
						now: t
					})
				]
			}, `${e.product}/${e.environment}`))
		})]
	});
}
function Nt({ cell: e, now: t }) {
	let { since: n, later: r } = e;
	return /* @__PURE__ */ O(l, {
		overflowWrap: "anywhere",
		children: [
			n ? /* @__PURE__ */ O(E, { children: [
				/* @__PURE__ */ D("strong", { children: n.release ?? "not known" }),
				" ",
				/* @__PURE__ */ D(jt, { outcome: n.outcome }),
				/* @__PURE__ */ O(m, { children: [
					"since ",
					/* @__PURE__ */ D(F, {
						at: n.ended,
						zone: n.timezone,
						now: t
					}),
					", by ",
					/* @__PURE__ */ D(L, { run: n })
				] }),
				/* @__PURE__ */ D(m, { children: n.approved_by.length > 0 ? `approved by ${n.approved_by.join(", ")}` : "approved by nobody" }),
				n.problem && /* @__PURE__ */ O(m, { children: ["Not known: ", n.problem] })
			] }) : /* @__PURE__ */ D(R, { children: e.hidden ? "not known" : "no release is known" }),
			e.hidden && /* @__PURE__ */ O(m, { children: [
				/* @__PURE__ */ D("strong", { children: "! Not known what is there: " }),
				n ? "a later run is" : "the last runs are",
				" of a plan that you may not read"
			] }),
			r && /* @__PURE__ */ O(m, { children: [
				e.doubt && !e.hidden && /* @__PURE__ */ D("strong", { children: "! Nobody knows what is there since: " }),
				"then ",
				r.release,
				" ",
				/* @__PURE__ */ D(jt, { outcome: r.outcome }),
				" ",
				/* @__PURE__ */ D(F, {
					at: r.ended,
					zone: r.timezone,
					now: t
				}),
				", by ",
				/* @__PURE__ */ D(L, { run: r })
			] })
		]
	});
}
// src/history/History.tsx
var Pt = 15e3;
function Ft() {
	let e = z(), t = C("history/current", Pt);
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ D(f, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "History"
		}),
		/* @__PURE__ */ D(k, { seen: t }),
		t.found === null ? t.problem === null && /* @__PURE__ */ D(m, {
			role: "status",
			children: "Reading the records of the runs…"
		}) : /* @__PURE__ */ O(E, { children: [/* @__PURE__ */ D(Mt, {
			current: t.found.current,
			now: e
		}), /* @__PURE__ */ D(It, { found: t.found })] }),
		/* @__PURE__ */ D(Lt, { now: e })
	] });
}
function It({ found: e }) {
	return /* @__PURE__ */ O(l, {
		as: "section",
		"aria-labelledby": "missed",
		mt: "5",
		children: [
			/* @__PURE__ */ O(f, {
				as: "h2",
				size: "md",
				id: "missed",
				children: [
					"Missed windows (",
					e.missed.length,
					")"
				]
			}),
			e.reading && /* @__PURE__ */ D(R, { children: "Being looked for…" }),
			e.problem && /* @__PURE__ */ O(m, {
				overflowWrap: "anywhere",
				children: ["It cannot be told which: ", e.problem]
			}),
			e.missed.length === 0 && !e.reading && !e.problem && /* @__PURE__ */ D(R, { children: "nothing" }),
			/* @__PURE__ */ D(l, {
				as: "ul",
				fontSize: "sm",
				pl: "4",
				children: e.missed.map((e) => /* @__PURE__ */ O(l, {
					as: "li",
					overflowWrap: "anywhere",
					children: [
						/* @__PURE__ */ D("strong", { children: e.plan }),
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
function Lt({ now: e }) {
	let [t, n] = N(), r = C(`history?${at(t, {}, Tt)}`, Pt), i = r.found?.choices, a = (e) => n({
		...e,
		after: ""
	}), o = (e, n) => /* @__PURE__ */ D(ze, {
		label: e,
		value: t.get(e) ?? "",
		offered: n,
		choose: (t) => a({ [e]: t })
	}, e);
	return /* @__PURE__ */ O(l, {
		as: "section",
		"aria-labelledby": "over",
		mt: "5",
		children: [
			/* @__PURE__ */ D(f, {
				as: "h2",
				size: "md",
				id: "over",
				children: "Runs that are over"
			}),
			/* @__PURE__ */ O(d, {
				as: "form",
				role: "search",
				gap: "3",
				my: "3",
				wrap: "wrap",
				align: "center",
				onSubmit: (e) => e.preventDefault(),
				children: [
					/* @__PURE__ */ D(_t, {
						value: t.get("q") ?? "",
						hint: "ticket, feature, person, node…",
						search: (e) => a({ q: e })
					}),
					o("within", wt),
					o("environment", i?.environment ?? []),
					o("product", i?.product ?? []),
					o("outcome", i?.outcome ?? [])
				]
			}),
			/* @__PURE__ */ D(k, { seen: r }),
			r.found && /* @__PURE__ */ D(Rt, {
				found: r.found,
				now: e,
				from: t.get("after") ?? "",
				turn: (e) => n({ after: e })
			})
		]
	});
}
function Rt(e) {
	let { found: t, now: n, from: r, turn: i } = e;
	return /* @__PURE__ */ O(E, { children: [
		t.runs.length === 0 && /* @__PURE__ */ D(m, {
			role: "status",
			children: t.cut ? "None among those that were looked at so far." : "No run is like that."
		}),
		/* @__PURE__ */ D(d, {
			as: "ol",
			direction: "column",
			p: "0",
			listStyleType: "none",
			children: t.runs.map((e) => /* @__PURE__ */ D(l, {
				as: "li",
				borderTopWidth: "1px",
				borderColor: "border",
				py: "2",
				fontSize: "sm",
				children: /* @__PURE__ */ D(zt, {
					run: e,
					now: n
				})
			}, `${e.plan}/${e.run}`))
		}),
		t.next === null && t.older > 0 && /* @__PURE__ */ O(R, { children: [t.older, " earlier runs are not looked at here; deployplan evidence tells of them."] }),
		/* @__PURE__ */ O(d, {
			gap: "4",
			my: "3",
			children: [r && /* @__PURE__ */ D("button", {
				type: "button",
				style: I,
				onClick: () => i(""),
				children: "From the latest run"
			}), t.next && /* @__PURE__ */ D("button", {
				type: "button",
				style: I,
				onClick: () => i(t.next ?? ""),
				children: t.cut ? "Look further back" : "Earlier runs"
			})]
		})
	] });
}
var zt = n(function({ run: e, now: t }) {
	return /* @__PURE__ */ O(d, {
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
			/* @__PURE__ */ O(l, {
				flex: "2 1 0",
				minWidth: "0",
				children: [
					/* @__PURE__ */ O("strong", { children: [
						e.product,
						" ",
						e.release
					] }),
					" ",
					"in ",
					e.environment,
					": ",
					/* @__PURE__ */ D(jt, { outcome: e.outcome }),
					/* @__PURE__ */ O(m, { children: [
						/* @__PURE__ */ D(L, { run: e }),
						", ended ",
						/* @__PURE__ */ D(F, {
							at: e.ended,
							zone: e.timezone,
							now: t
						})
					] }),
					e.because && /* @__PURE__ */ D(m, { children: e.because }),
					e.problem && /* @__PURE__ */ O(m, { children: [
						/* @__PURE__ */ D("strong", { children: "Not known:" }),
						" ",
						e.problem
					] })
				]
			}),
			/* @__PURE__ */ O(l, {
				flex: "1 1 0",
				minWidth: "0",
				children: [
					/* @__PURE__ */ D(m, { children: e.approved_by.length > 0 ? `approved by ${e.approved_by.join(", ")}` : "approved by nobody" }),
					e.author && /* @__PURE__ */ O(R, { children: ["planned by ", e.author] }),
					e.pace && /* @__PURE__ */ O(m, { children: [
						"took ",
						st(e.pace.seconds),
						e.pace.usual !== null && `, p90 ${st(e.pace.usual)}`,
						": ",
						e.pace.sentence
					] })
				]
			}),
			/* @__PURE__ */ O(l, {
				flex: "1 1 0",
				minWidth: "0",
				children: [
					e.tickets.length > 0 && /* @__PURE__ */ O(m, { children: ["tickets: ", e.tickets.join(", ")] }),
					Object.keys(e.features).length > 0 && /* @__PURE__ */ O(m, { children: ["features: ", Object.keys(e.features).join(", ")] }),
					/* @__PURE__ */ O(m, { children: [
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
function Bt() {
	let { environment: e = "", node: t = "" } = re(), [n, r] = N(), i = n.get("before") ?? "", a = `nodes/${encodeURIComponent(e)}/${encodeURIComponent(t)}`, o = C(i ? `${a}?before=${encodeURIComponent(i)}` : a), s = z();
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ O(f, {
			as: "h1",
			size: "xl",
			mb: "1",
			overflowWrap: "anywhere",
			children: [
				t,
				" ",
				/* @__PURE__ */ O(R, { children: [
					"(",
					e,
					")"
				] })
			]
		}),
		/* @__PURE__ */ D(m, {
			fontSize: "sm",
			children: /* @__PURE__ */ D(v, {
				to: x("nodes"),
				style: I,
				children: "All nodes"
			})
		}),
		/* @__PURE__ */ D(k, { seen: o }),
		o.found === null ? o.problem === null && /* @__PURE__ */ D(m, {
			role: "status",
			children: "Reading the records of the runs…"
		}) : /* @__PURE__ */ D(Vt, {
			found: o.found,
			now: s,
			before: i,
			turn: (e) => r({ before: e })
		})
	] });
}
function Vt(e) {
	let { found: t, now: n, before: r, turn: i } = e, a = t.node;
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ D(mt, { found: t }),
		/* @__PURE__ */ D(ht, {
			row: a,
			now: n
		}),
		/* @__PURE__ */ O(f, {
			as: "h2",
			size: "md",
			mt: "4",
			children: [
				"Runs on this node (",
				t.matching,
				")"
			]
		}),
		/* @__PURE__ */ D(d, {
			as: "ol",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: t.runs.map((e) => /* @__PURE__ */ D(l, {
				as: "li",
				borderTopWidth: "1px",
				borderColor: "border",
				py: "2",
				fontSize: "sm",
				children: /* @__PURE__ */ D(Ht, {
					run: e,
					zone: a.timezone,
					now: n
				})
			}, `${e.plan}/${e.run}`))
		}),
		/* @__PURE__ */ O(d, {
			gap: "4",
			my: "3",
			children: [r && /* @__PURE__ */ D("button", {
				type: "button",
				style: I,
				onClick: () => i(""),
				children: "From the latest run"
			}), t.next && /* @__PURE__ */ D("button", {
				type: "button",
				style: I,
				onClick: () => i(t.next ?? ""),
				children: "Earlier runs"
			})]
		})
	] });
}
function Ht({ run: e, zone: t, now: n }) {
	return /* @__PURE__ */ O(l, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ O(m, { children: [
				/* @__PURE__ */ O("strong", { children: [
					e.product,
					" ",
					e.release
				] }),
				" ",
				"by ",
				/* @__PURE__ */ D(L, { run: e }),
				": run ",
				e.outcome ? e.outcome.replaceAll("_", " ") : "under way",
				e.at && /* @__PURE__ */ O(E, { children: [", ", /* @__PURE__ */ D(F, {
					at: e.at,
					zone: t,
					now: n
				})] })
			] }),
			e.problem && /* @__PURE__ */ O(m, { children: [
				/* @__PURE__ */ D("strong", { children: "Not known:" }),
				" ",
				e.problem
			] }),
			e.standing && /* @__PURE__ */ O(m, { children: ["this node: ", /* @__PURE__ */ D(lt, { state: e.standing })] }),
			e.results.map((e) => /* @__PURE__ */ D(m, {
				pl: "4",
				children: Ut(e)
			}, e.component))
		]
	});
}
function Ut(e) {
	let t = e.seconds === null ? "" : ` after ${st(e.seconds)}`, n = e.exit === null ? "" : `, exit ${e.exit}`, r = e.why ? `: ${e.why}` : "", i = e.job ? ` (${e.step} job ${e.job})` : "";
	return `${e.component}: ${e.standing}${t}${n}${r}${i}`;
}
// src/nodes/Nodes.tsx
function Wt() {
	let [e, t] = N(), n = C(`nodes?${at(e, { after: e.get("after") ?? "" })}`), r = z();
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ D(f, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Nodes"
		}),
		/* @__PURE__ */ D(k, { seen: n }),
		/* @__PURE__ */ D(Gt, {
			said: e,
			say: (e) => t({
				...e,
				after: ""
			}),
			choices: n.found?.choices
		}),
		n.found === null ? n.problem === null && /* @__PURE__ */ D(m, {
			role: "status",
			children: "Reading the records of the runs…"
		}) : /* @__PURE__ */ D(Kt, {
			found: n.found,
			said: e,
			say: t,
			now: r
		})
	] });
}
function Gt({ said: e, say: t, choices: n }) {
	let r = (n, r) => /* @__PURE__ */ D(ze, {
		label: n,
		value: e.get(n) ?? "",
		offered: r,
		choose: (e) => t({ [n]: e })
	}, n);
	return /* @__PURE__ */ O(d, {
		as: "form",
		role: "search",
		gap: "3",
		my: "3",
		wrap: "wrap",
		align: "center",
		onSubmit: (e) => e.preventDefault(),
		children: [
			/* @__PURE__ */ D(_t, {
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
function Kt({ found: e, said: t, say: n, now: r }) {
	let i = Ct(), a = at(t);
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ O(d, {
			gap: "4",
			wrap: "wrap",
			justify: "space-between",
			align: "baseline",
			children: [/* @__PURE__ */ O(m, {
				role: "status",
				children: [
					e.matching,
					" of ",
					e.total,
					" nodes"
				]
			}), /* @__PURE__ */ O(d, {
				gap: "4",
				fontSize: "sm",
				children: [/* @__PURE__ */ D("a", {
					href: S(`nodes?${a}&format=csv`),
					download: "nodes.csv",
					style: I,
					children: "CSV"
				}), /* @__PURE__ */ D("a", {
					href: S(`nodes?${a}&limit=1000`),
					style: I,
					children: "JSON"
				})]
			})]
		}),
		/* @__PURE__ */ D(mt, { found: e }),
		e.rows.length === 0 ? /* @__PURE__ */ D(m, {
			my: "3",
			children: "No node is like that."
		}) : i ? /* @__PURE__ */ D(Yt, {
			rows: e.rows,
			now: r
		}) : /* @__PURE__ */ D(d, {
			as: "ul",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: e.rows.map((e) => /* @__PURE__ */ D(l, {
				as: "li",
				children: /* @__PURE__ */ D(Zt, {
					row: e,
					now: r
				})
			}, `${e.environment}/${e.node}`))
		}),
		/* @__PURE__ */ O(d, {
			gap: "4",
			my: "3",
			children: [t.get("after") && /* @__PURE__ */ D(qt, {
				label: "From the first node",
				to: "",
				say: n
			}), e.next && /* @__PURE__ */ D(qt, {
				label: "More nodes",
				to: e.next,
				say: n
			})]
		})
	] });
}
function qt({ label: e, to: t, say: n }) {
	return /* @__PURE__ */ D("button", {
		type: "button",
		style: I,
		onClick: () => n({ after: t }),
		children: e
	});
}
var Jt = [
	"node",
	"installed",
	"stands",
	"held by",
	"next plan"
];
function Yt({ rows: e, now: t }) {
	return /* @__PURE__ */ O(l, {
		as: "table",
		width: "100%",
		fontSize: "sm",
		mt: "2",
		style: {
			borderCollapse: "collapse",
			tableLayout: "fixed"
		},
		children: [
			/* @__PURE__ */ D("colgroup", { children: [
				"14%",
				"34%",
				"20%",
				"18%",
				"14%"
			].map((e, t) => /* @__PURE__ */ D("col", { style: { width: e } }, t)) }),
			/* @__PURE__ */ D("thead", { children: /* @__PURE__ */ D("tr", { children: Jt.map((e) => /* @__PURE__ */ D(l, {
				as: "th",
				textAlign: "start",
				p: "2",
				color: "fg.muted",
				fontWeight: "medium",
				children: e
			}, e)) }) }),
			/* @__PURE__ */ D("tbody", { children: e.map((e) => /* @__PURE__ */ D(Xt, {
				row: e,
				now: t
			}, `${e.environment}/${e.node}`)) })
		]
	});
}
var B = {
	padding: "0.5rem",
	verticalAlign: "top"
}, Xt = n(function({ row: e, now: t }) {
	return /* @__PURE__ */ O(l, {
		as: "tr",
		borderTopWidth: "1px",
		borderColor: "border",
		children: [
			/* @__PURE__ */ D("th", {
				scope: "row",
				style: {
					...B,
					textAlign: "start"
				},
				children: /* @__PURE__ */ D(Qt, { row: e })
			}),
			/* @__PURE__ */ D("td", {
				style: B,
				children: /* @__PURE__ */ D(ut, {
					row: e,
					now: t
				})
			}),
			/* @__PURE__ */ D("td", {
				style: B,
				children: /* @__PURE__ */ D(ft, { row: e })
			}),
			/* @__PURE__ */ D("td", {
				style: B,
				children: /* @__PURE__ */ D(dt, {
					row: e,
					now: t
				})
			}),
			/* @__PURE__ */ D("td", {
				style: B,
				children: /* @__PURE__ */ D(pt, {
					row: e,
					now: t
				})
			})
		]
	});
}), Zt = n(function({ row: e, now: t }) {
	return /* @__PURE__ */ O(l, {
		as: "article",
		borderWidth: "1px",
		borderColor: "border",
		borderRadius: "md",
		p: "3",
		fontSize: "sm",
		"aria-label": `${e.node} (${e.environment})`,
		children: [/* @__PURE__ */ D(Qt, { row: e }), /* @__PURE__ */ D(ht, {
			row: e,
			now: t
		})]
	});
});
function Qt({ row: e }) {
	return /* @__PURE__ */ O(l, {
		overflowWrap: "anywhere",
		children: [/* @__PURE__ */ D(v, {
			to: x("nodes", e.environment, e.node),
			style: {
				...I,
				fontWeight: 600
			},
			children: e.node
		}), /* @__PURE__ */ D(l, {
			color: "fg.muted",
			fontWeight: "normal",
			children: e.environment
		})]
	});
}
// src/release/Section.tsx
function V({ title: e, children: t }) {
	let n = i();
	return /* @__PURE__ */ O(l, {
		as: "section",
		"aria-labelledby": n,
		mt: "6",
		children: [/* @__PURE__ */ D(f, {
			as: "h2",
			size: "md",
			id: n,
			mb: "2",
			children: e
		}), t]
	});
}
function H({ label: e, head: t, rows: n, children: r }) {
	return /* @__PURE__ */ D(l, {
		role: "region",
		"aria-label": e,
		tabIndex: 0,
		overflowX: "auto",
		css: tn,
		children: /* @__PURE__ */ O("table", { children: [/* @__PURE__ */ D("thead", { children: /* @__PURE__ */ D("tr", { children: t.map((e) => /* @__PURE__ */ D("th", {
			scope: "col",
			children: e
		}, e)) }) }), /* @__PURE__ */ D("tbody", { children: r ?? n?.map(({ key: e, cells: [n, ...r] }) => /* @__PURE__ */ O("tr", { children: [/* @__PURE__ */ D("th", {
			scope: "row",
			"data-label": t[0],
			children: n
		}), r.map((e, n) => /* @__PURE__ */ D("td", {
			"data-label": t[n + 1],
			children: e
		}, t[n + 1]))] }, e)) })] })
	});
}
var $t = "var(--chakra-colors-fg-muted)", en = "1px solid var(--chakra-colors-border)", tn = {
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
		borderBottom: en,
		overflowWrap: "anywhere"
	},
	"& th": { fontWeight: 500 },
	"& thead th": { color: $t },
	"@media (max-width: 48em)": {
		"& thead": {
			position: "absolute",
			clipPath: "inset(50%)"
		},
		"& tr": {
			display: "block",
			borderBottom: en,
			padding: "0.4rem 0"
		},
		"& tbody th, & td": {
			display: "block",
			border: 0,
			padding: "0.1rem 0"
		},
		"& tbody th::before, & td::before": {
			content: "attr(data-label) \": \"",
			color: $t,
			fontWeight: 400
		}
	}
}, nn = {
	border: "1px solid var(--chakra-colors-border)",
	padding: "0.2rem 0.5rem",
	textAlign: "start",
	verticalAlign: "top"
};
function rn({ blocks: e }) {
	return e.map((e, t) => /* @__PURE__ */ D(an, { block: e }, t));
}
function an({ block: e }) {
	switch (e.kind) {
		case "heading": return /* @__PURE__ */ D(f, {
			as: e.level < 3 ? "h3" : "h4",
			size: e.level < 3 ? "md" : "sm",
			mt: "4",
			mb: "1",
			overflowWrap: "anywhere",
			children: /* @__PURE__ */ D(U, { spans: e.spans })
		});
		case "paragraph": return /* @__PURE__ */ D(m, {
			my: "1",
			overflowWrap: "anywhere",
			children: /* @__PURE__ */ D(U, { spans: e.spans })
		});
		case "list": return /* @__PURE__ */ D(l, {
			as: e.ordered ? "ol" : "ul",
			pl: "5",
			my: "1",
			listStyleType: e.ordered ? "decimal" : "disc",
			children: e.items.map((e, t) => /* @__PURE__ */ D(l, {
				as: "li",
				overflowWrap: "anywhere",
				children: /* @__PURE__ */ D(U, { spans: e })
			}, t))
		});
		case "table": return /* @__PURE__ */ D(on, {
			head: e.head,
			rows: e.rows
		});
		case "code": return /* @__PURE__ */ D(l, {
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
function on({ head: e, rows: t }) {
	return /* @__PURE__ */ D(l, {
		role: "region",
		"aria-label": "table",
		tabIndex: 0,
		overflowX: "auto",
		my: "2",
		children: /* @__PURE__ */ O("table", {
			style: {
				borderCollapse: "collapse",
				fontSize: "0.875rem"
			},
			children: [/* @__PURE__ */ D("thead", { children: /* @__PURE__ */ D("tr", { children: e.map((e, t) => /* @__PURE__ */ D("th", {
				scope: "col",
				style: nn,
				children: /* @__PURE__ */ D(U, { spans: e })
			}, t)) }) }), /* @__PURE__ */ D("tbody", { children: t.map((e, t) => /* @__PURE__ */ D("tr", { children: e.map((e, t) => /* @__PURE__ */ D("td", {
				style: nn,
				children: /* @__PURE__ */ D(U, { spans: e })
			}, t)) }, t)) })]
		})
	});
}
function U({ spans: e }) {
	return e.map((e, t) => e.as === "code" ? /* @__PURE__ */ D("code", { children: e.text }, t) : e.as === "strong" ? /* @__PURE__ */ D("strong", { children: e.text }, t) : /* @__PURE__ */ D("span", { children: e.text }, t));
}
// src/plan/Findings.tsx
function sn({ findings: e }) {
	return /* @__PURE__ */ D(l, {
		as: "ul",
		listStyleType: "none",
		p: "0",
		children: e.map((e, t) => /* @__PURE__ */ O(l, {
			as: "li",
			my: "2",
			pl: "2",
			borderLeftWidth: "4px",
			borderLeftColor: e.severity === "error" ? "red.solid" : "orange.solid",
			children: [
				/* @__PURE__ */ O(m, {
					overflowWrap: "anywhere",
					children: [
						/* @__PURE__ */ D("strong", { children: e.severity === "error" ? "✗ error" : "⚠ warning" }),
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
				e.snippet.length > 0 && /* @__PURE__ */ D(l, {
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
				e.hint && /* @__PURE__ */ O(m, {
					overflowWrap: "anywhere",
					children: ["hint: ", e.hint]
				})
			]
		}, t))
	});
}
// src/plan/plan.ts
function cn(e, t) {
	return e === null || t === null ? "not known yet" : [e > 0 && `${e} error${e === 1 ? "" : "s"}`, t > 0 && `${t} warning${t === 1 ? "" : "s"}`].filter(Boolean).join(", ") || "no problems";
}
// src/plan/PlanPage.tsx
var ln = 15e3;
function un() {
	let { plan: e = "" } = re();
	return /* @__PURE__ */ O(E, { children: [/* @__PURE__ */ D(f, {
		as: "h1",
		size: "xl",
		mb: "1",
		overflowWrap: "anywhere",
		children: e
	}), /* @__PURE__ */ D(fn, { plan: e })] });
}
function dn({ dagId: e }) {
	let t = e ?? "";
	return /* @__PURE__ */ O(l, {
		as: "section",
		"aria-label": "Plan",
		p: "3",
		width: "100%",
		overflowY: "auto",
		children: [
			/* @__PURE__ */ D(m, {
				mb: "2",
				fontSize: "sm",
				children: /* @__PURE__ */ D(v, {
					to: x("plans", t),
					style: { textDecoration: "underline" },
					children: "On a page of its own"
				})
			}),
			/* @__PURE__ */ D(f, {
				as: "h1",
				size: "xl",
				overflowWrap: "anywhere",
				children: t
			}),
			/* @__PURE__ */ D(fn, { plan: t })
		]
	});
}
function fn({ plan: e }) {
	let t = C(`plans/${encodeURIComponent(e)}`, ln), { found: n } = t;
	return /* @__PURE__ */ O(E, { children: [/* @__PURE__ */ D(k, { seen: t }), n === null ? t.problem === null && /* @__PURE__ */ D(m, {
		role: "status",
		children: "Reading the plan…"
	}) : /* @__PURE__ */ D(pn, { found: n })] });
}
function pn({ found: e }) {
	let { against: t, findings: n } = e;
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ D(m, {
			color: "fg.muted",
			overflowWrap: "anywhere",
			children: [
				`${e.product} ${e.release}`,
				e.environment,
				`by ${e.owner}`
			].join(" · ")
		}),
		/* @__PURE__ */ D(m, {
			overflowWrap: "anywhere",
			children: /* @__PURE__ */ D(v, {
				to: `/dags/${encodeURIComponent(e.plan)}`,
				style: { textDecoration: "underline" },
				children: "Its runs in Airflow"
			})
		}),
		/* @__PURE__ */ O(V, {
			title: "May it start now?",
			children: [/* @__PURE__ */ D(m, {
				overflowWrap: "anywhere",
				fontWeight: "medium",
				children: e.verdict
			}), /* @__PURE__ */ D(m, {
				overflowWrap: "anywhere",
				children: e.work
			})]
		}),
		/* @__PURE__ */ O(V, {
			title: "What lint says",
			children: [/* @__PURE__ */ D(m, {
				role: "status",
				children: cn(e.errors, e.warnings)
			}), n !== null && n.length > 0 && /* @__PURE__ */ D(sn, { findings: n })]
		}),
		/* @__PURE__ */ O(V, {
			title: "What it changes",
			children: [
				/* @__PURE__ */ O(m, {
					overflowWrap: "anywhere",
					children: [
						"Compared with ",
						t.told,
						"."
					]
				}),
				t.digest !== null && t.lines.length === 0 && /* @__PURE__ */ D(m, { children: "The digests are the same: nothing differs." }),
				t.digest !== null && /* @__PURE__ */ O(m, {
					fontSize: "sm",
					overflowWrap: "anywhere",
					children: [
						"digest ",
						/* @__PURE__ */ D("code", { children: t.digest }),
						" there, ",
						/* @__PURE__ */ D("code", { children: e.digest }),
						" by the file"
					]
				}),
				/* @__PURE__ */ D(l, {
					as: "ul",
					pl: "5",
					children: t.lines.map((e) => /* @__PURE__ */ D(l, {
						as: "li",
						overflowWrap: "anywhere",
						children: e
					}, e))
				}),
				t.left_out > 0 && /* @__PURE__ */ O(m, { children: [
					"and ",
					t.left_out,
					" more"
				] })
			]
		}),
		/* @__PURE__ */ D(V, {
			title: "The plan, merged over its procedure",
			children: /* @__PURE__ */ D(rn, { blocks: e.page })
		})
	] });
}
// src/plan/PlansPage.tsx
var mn = 15e3;
function hn() {
	let e = C("plans", mn), t = C("rejected-plans", mn);
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ D(f, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Plans"
		}),
		/* @__PURE__ */ D(k, { seen: e }),
		t.found && t.found.files.length > 0 && /* @__PURE__ */ D(gn, { found: t.found }),
		e.found === null ? e.problem === null && /* @__PURE__ */ D(m, {
			role: "status",
			children: "Reading the plans…"
		}) : /* @__PURE__ */ D(_n, { found: e.found })
	] });
}
function gn({ found: e }) {
	return /* @__PURE__ */ O(V, {
		title: `Rejected (${e.files.length + e.left_out})`,
		children: [e.files.map((e) => /* @__PURE__ */ O("section", {
			"aria-label": e.path,
			children: [
				/* @__PURE__ */ D(f, {
					as: "h3",
					size: "sm",
					overflowWrap: "anywhere",
					children: e.path
				}),
				/* @__PURE__ */ D(sn, { findings: e.findings }),
				e.left_out > 0 && /* @__PURE__ */ O(m, { children: [
					"and ",
					e.left_out,
					" more problems"
				] })
			]
		}, e.path)), e.left_out > 0 && /* @__PURE__ */ O(m, { children: [
			"and ",
			e.left_out,
			" more files"
		] })]
	});
}
function _n({ found: e }) {
	if (e.plans.length === 0) return /* @__PURE__ */ D(m, {
		mt: "3",
		children: "There is no plan that you may read."
	});
	let t = e.plans.map((e) => ({
		key: e.plan,
		cells: [
			/* @__PURE__ */ D(v, {
				to: x("plans", e.plan),
				style: { textDecoration: "underline" },
				children: e.plan
			}, "plan"),
			`${e.product} ${e.release}`,
			e.environment,
			e.owner,
			e.summary,
			cn(e.errors, e.warnings)
		]
	}));
	return /* @__PURE__ */ D(V, {
		title: `Plans (${e.plans.length})`,
		children: /* @__PURE__ */ D(H, {
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
function vn({ open: e, act: t, label: n, run: r, children: a }) {
	let [s, c] = o(!1), [f, p] = o(""), [g, _] = o(!1), [v, ee] = o(null), y = i(), te = async () => {
		_(!0);
		let e = await r(f, (e) => ee({
			refused: !1,
			words: e
		}));
		_(!1), ee(e), e.refused || (p(""), c(!1));
	};
	return /* @__PURE__ */ O(l, { children: [
		!s && /* @__PURE__ */ D(u, {
			size: "sm",
			variant: "outline",
			onClick: () => c(!0),
			children: e
		}),
		s && /* @__PURE__ */ O(l, {
			as: "form",
			borderWidth: "1px",
			borderRadius: "md",
			p: "3",
			onSubmit: (e) => {
				e.preventDefault(), te();
			},
			children: [
				a,
				/* @__PURE__ */ D("label", {
					htmlFor: y,
					children: n
				}),
				/* @__PURE__ */ D(h, {
					id: y,
					value: f,
					maxLength: 1e3,
					required: !0,
					autoFocus: !0,
					rows: 2,
					my: "1",
					onChange: (e) => p(e.target.value)
				}),
				/* @__PURE__ */ O(d, {
					gap: "2",
					children: [/* @__PURE__ */ D(u, {
						type: "submit",
						size: "sm",
						disabled: g || !f.trim(),
						children: t
					}), /* @__PURE__ */ D(u, {
						type: "button",
						size: "sm",
						variant: "ghost",
						onClick: () => c(!1),
						children: "Cancel"
					})]
				})
			]
		}),
		v && /* @__PURE__ */ D(m, {
			role: v.refused ? "alert" : "status",
			fontSize: "sm",
			mt: "1",
			overflowWrap: "anywhere",
			children: v.words
		})
	] });
}
// src/release/Opened.tsx
function W({ title: e, children: t }) {
	let [n, r] = o(!1);
	return /* @__PURE__ */ O("details", {
		open: n,
		onToggle: (e) => r(e.currentTarget.open),
		style: { margin: "0.25rem 0" },
		children: [/* @__PURE__ */ D("summary", {
			style: {
				cursor: "pointer",
				padding: "0.35rem 0",
				fontWeight: 500
			},
			children: e
		}), n && t()]
	});
}
function G({ once: e, children: t }) {
	return e.problem === null ? e.found === null ? /* @__PURE__ */ D(m, {
		role: "status",
		children: "Reading…"
	}) : t(e.found) : /* @__PURE__ */ D(m, {
		role: "alert",
		children: e.problem
	});
}
function K({ label: e, text: t }) {
	return /* @__PURE__ */ D("pre", {
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
function q(e, t, n = null, i = "GET") {
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
var J = (e) => e.json(), yn = (e) => e.text();
function Y(e, t, ...n) {
	return [
		"releases",
		e,
		t,
		...n
	].map(encodeURIComponent).join("/");
}
// src/release/send.ts
var bn = 1e4, xn = 18;
function X(e, ...t) {
	return [
		"plans",
		e,
		...t
	].map(encodeURIComponent).join("/");
}
function Sn(e, t, n) {
	let [r, i, a] = [
		e,
		t,
		n
	].map(encodeURIComponent);
	return `../../../api/v2/dags/${r}/dagRuns/${i}/taskInstances/${a}/-1/hitlDetails`;
}
async function Cn(e, t, n) {
	return fetch(S(e), {
		method: t,
		credentials: "same-origin",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify(n)
	});
}
async function wn(e, t) {
	try {
		let n = await Cn(e, "POST", t);
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
async function Tn(e, t, n, r) {
	let i = X(e, "runs", t, "backout");
	try {
		for (let e = 0; e < xn; e++) {
			let e = await Cn(i, "POST", { reason: n });
			if (!e.ok) return {
				refused: !0,
				words: await w(e)
			};
			let t = await e.json();
			if (!t.waits) return {
				refused: !1,
				words: t.sentence
			};
			r(t.sentence), await new Promise((e) => setTimeout(e, bn));
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
async function En(e, t, n) {
	try {
		let r = await Cn(e, "PATCH", {
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
function Dn({ release: e, question: t }) {
	let [n, r] = o(null), [a, s] = o(""), [c, f] = o(!1), p = i(), g = Sn(e.plan, e.run ?? "", t.task), _ = q(g, J, t.subject), v = async (e, t) => {
		f(!0), r(await En(g, e, t ? a : "")), f(!1);
	};
	return /* @__PURE__ */ O(l, {
		borderWidth: "1px",
		borderLeftWidth: "4px",
		borderLeftColor: "orange.solid",
		borderRadius: "md",
		p: "3",
		children: [
			/* @__PURE__ */ D(m, {
				fontWeight: "semibold",
				overflowWrap: "anywhere",
				children: t.subject
			}),
			/* @__PURE__ */ D(G, {
				once: _,
				children: (t) => {
					if (t.response_received) return /* @__PURE__ */ D(m, {
						role: "status",
						children: "This card is answered; the run goes on in a moment."
					});
					let n = t.params?.note !== void 0, r = (t.options ?? []).filter((t) => e.choices === null || e.choices.includes(t));
					return /* @__PURE__ */ O(E, { children: [
						t.body && /* @__PURE__ */ D(W, {
							title: "What the card says",
							children: () => /* @__PURE__ */ D(K, {
								label: "What the card says",
								text: t.body ?? ""
							})
						}),
						n && /* @__PURE__ */ O(E, { children: [/* @__PURE__ */ D("label", {
							htmlFor: p,
							children: "Note, for the evidence"
						}), /* @__PURE__ */ D(h, {
							id: p,
							value: a,
							maxLength: 500,
							rows: 2,
							my: "1",
							onChange: (e) => s(e.target.value)
						})] }),
						/* @__PURE__ */ D(d, {
							gap: "2",
							wrap: "wrap",
							children: r.map((e) => /* @__PURE__ */ D(u, {
								size: "sm",
								disabled: c,
								onClick: () => void v(e, n),
								children: e
							}, e))
						})
					] });
				}
			}),
			n && /* @__PURE__ */ D(m, {
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
function On({ release: e }) {
	let { plan: t, run: n, may: r, question: i } = e;
	if (!n) return null;
	let a = [];
	return r.answer && i && a.push(/* @__PURE__ */ D(Dn, {
		release: e,
		question: i
	}, "card")), r.stop && a.push(/* @__PURE__ */ D(kn, { plan: t }, "stop")), r.rerun && a.push(/* @__PURE__ */ D(An, {
		plan: t,
		run: n,
		whole: e.outcome === "backed_out"
	}, "again")), r.back_out && a.push(/* @__PURE__ */ D(jn, {
		plan: t,
		run: n
	}, "back")), a.length === 0 ? null : /* @__PURE__ */ D(d, {
		as: "section",
		"aria-label": "What you may do",
		direction: "column",
		gap: "2",
		my: "3",
		children: a
	});
}
function kn({ plan: e }) {
	let t = X(e, "stop");
	return /* @__PURE__ */ D(vn, {
		open: "Stop and back out…",
		act: "Stop and back out",
		label: "Why? It stands in the evidence",
		run: async (e) => wn(t, { reason: e }),
		children: /* @__PURE__ */ D(Nn, {
			path: t,
			children: (e) => /* @__PURE__ */ O(m, { children: [
				"Now: ",
				e.sentence,
				"."
			] })
		})
	});
}
function An({ plan: e, run: t, whole: n }) {
	let r = X(e, "runs", t, "rerun"), i = a(null);
	return /* @__PURE__ */ D(vn, {
		open: n ? "Release again…" : "Try failed nodes again…",
		act: n ? "Release again" : "Try again",
		label: "Why? It stands in the evidence",
		run: async (e) => i.current === null ? {
			refused: !0,
			words: "Nothing is done before it is said what trying again would do."
		} : wn(r, {
			reason: e,
			entries: i.current
		}),
		children: /* @__PURE__ */ D(Nn, {
			path: `${r}/preview`,
			method: "POST",
			read: async (e) => {
				let t = await J(e);
				return i.current = t.entries, t;
			},
			children: (e) => /* @__PURE__ */ O(E, { children: [e.in_the_way && /* @__PURE__ */ D(m, {
				fontWeight: "semibold",
				children: "As things stand something is in the way, or a node did not answer:"
			}), /* @__PURE__ */ D(K, {
				label: "What trying again would do",
				text: e.lines.join("\n")
			})] })
		})
	});
}
function jn({ plan: e, run: t }) {
	return /* @__PURE__ */ D(vn, {
		open: "Back out…",
		act: "Back out",
		label: "Why? It stands in the evidence and on the card",
		run: (n, r) => Tn(e, t, n, r),
		children: /* @__PURE__ */ D(Nn, {
			path: `${X(e, "backout")}?run=${encodeURIComponent(t)}`,
			children: (e) => /* @__PURE__ */ O(E, { children: [e.undoes.map((e) => /* @__PURE__ */ O(m, {
				overflowWrap: "anywhere",
				children: [
					"would undo ",
					e.component,
					": ",
					Mn(e.nodes)
				]
			}, e.component)), !e.begins_at_once && /* @__PURE__ */ O(m, { children: [
				"you are not of the backout authority: ",
				e.decided_by.join(", "),
				" will be asked"
			] })] })
		})
	});
}
function Mn(e) {
	let t = /* @__PURE__ */ new Map();
	for (let [n, r] of Object.entries(e)) {
		let e = r ?? "what was there";
		t.set(e, [...t.get(e) ?? [], n]);
	}
	return [...t].map(([e, t]) => `${t.join(", ")} to ${e}`).join("; ");
}
function Nn({ path: e, method: t, read: n = J, children: r }) {
	return /* @__PURE__ */ D(l, {
		fontSize: "sm",
		mb: "2",
		"data-testid": "preview",
		children: /* @__PURE__ */ D(G, {
			once: q(e, n, null, t),
			children: r
		})
	});
}
// src/release/Approved.tsx
function Pn(e) {
	return /* @__PURE__ */ D(W, {
		title: "What exactly is approved: commands, files, difference to the last release",
		children: () => /* @__PURE__ */ D(Fn, { ...e })
	});
}
function Fn({ plan: e, run: t, digest: n, zone: r, now: i }) {
	return /* @__PURE__ */ D(G, {
		once: q(Y(e, t, "approved"), J, n),
		children: (e) => /* @__PURE__ */ O(E, { children: [
			e.changed && /* @__PURE__ */ O(m, {
				role: "status",
				fontWeight: "semibold",
				children: [
					"Not what stands in the file now: ",
					e.changed,
					". What is approved is this."
				]
			}),
			/* @__PURE__ */ D("ul", {
				style: { margin: "0.5rem 0 0.5rem 1.2rem" },
				children: e.worst_case.map((e) => /* @__PURE__ */ D("li", { children: e }, e))
			}),
			/* @__PURE__ */ D(H, {
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
						/* @__PURE__ */ D("code", {
							style: { whiteSpace: "pre-wrap" },
							children: e.text
						})
					]
				}))
			}),
			/* @__PURE__ */ D(H, {
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
						/* @__PURE__ */ D("code", { children: e.sha256 }),
						e.source ?? "–"
					]
				}))
			}),
			/* @__PURE__ */ D(In, {
				found: e,
				zone: r,
				now: i
			}),
			/* @__PURE__ */ D(W, {
				title: "The whole plan, as `deployplan show` prints it",
				children: () => /* @__PURE__ */ D(K, {
					label: "The whole plan",
					text: e.page
				})
			})
		] })
	});
}
function In({ found: e, zone: t, now: n }) {
	let { compared: r } = e;
	return r ? /* @__PURE__ */ O(E, { children: [/* @__PURE__ */ O(m, {
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
			/* @__PURE__ */ D(P, {
				at: r.at,
				zone: t,
				now: n
			}),
			"): ",
			r.lines.length === 0 ? "nothing differs." : `${r.lines.length} differ.`
		]
	}), r.lines.length > 0 && /* @__PURE__ */ D(K, {
		label: "Difference to the last release",
		text: r.lines.join("\n")
	})] }) : /* @__PURE__ */ D(m, {
		mt: "2",
		children: e.not_compared ? `Not compared: ${e.not_compared}.` : "There is no earlier release of this product to compare with."
	});
}
// src/release/Approvals.tsx
var Ln = {
	asked: "○",
	approved: "✓",
	rejected: "✕",
	expired: "–"
};
function Rn({ release: e, now: t }) {
	let { seats: n, approvals: r, digest: i } = e;
	return /* @__PURE__ */ O(V, {
		title: "Approval",
		children: [
			n && /* @__PURE__ */ O(m, {
				fontSize: "sm",
				children: [
					n.taken,
					" of ",
					n.of,
					" seats have a yes",
					n.missing.length > 0 && `; who may take the others: ${n.missing.join(" or ")}`,
					". Digest",
					" ",
					/* @__PURE__ */ D("code", {
						style: { overflowWrap: "anywhere" },
						children: i
					})
				]
			}),
			r.length > 0 && /* @__PURE__ */ D(H, {
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
						/* @__PURE__ */ O(E, { children: [
							/* @__PURE__ */ D("span", {
								"aria-hidden": "true",
								children: Ln[n.state]
							}),
							" ",
							zn(n)
						] }),
						/* @__PURE__ */ D(P, {
							at: n.at,
							zone: e.timezone,
							now: t
						}),
						/* @__PURE__ */ O(E, { children: [/* @__PURE__ */ D("code", {
							title: n.digest,
							children: n.digest.slice(0, 12)
						}), n.digest !== i && " (another plan)"] })
					]
				}))
			}),
			e.run && i && /* @__PURE__ */ D(Pn, {
				plan: e.plan,
				run: e.run,
				digest: i,
				zone: e.timezone,
				now: t
			})
		]
	});
}
function zn(e) {
	let t = e.window ? `, for the window of ${e.window}` : "";
	switch (e.state) {
		case "asked": return `asked of ${e.asked.join(", ")}`;
		case "expired": return `nobody answered in time; asked were ${e.asked.join(", ")}`;
		default: return `${e.person ?? "somebody"} ${e.state}${t}${e.why ? `: ${e.why}` : ""}`;
	}
}
// src/release/release.ts
var Bn = {
	done: "✓",
	working: "◐",
	failed: "✕",
	unknown: "?",
	"left out": "⊘",
	undone: "↺",
	"not started": "○"
};
function Vn(e) {
	let t = Math.max(0, Math.round(e / 1e3));
	if (t < 60) return `${t} s`;
	let n = Math.floor(t / 60);
	return n < 60 ? t % 60 ? `${n} min ${t % 60} s` : `${n} min` : n % 60 ? `${Math.floor(n / 60)} h ${n % 60} min` : `${n / 60} h`;
}
function Hn(e, t) {
	if (!e.began) return null;
	let n = (e.ended ? Date.parse(e.ended) : t.getTime()) - Date.parse(e.began);
	return e.ended ? Vn(n) : `for ${Vn(n)}`;
}
function Un(e) {
	let t = `${e.before ?? "nothing known"} → ${e.after ?? "?"}`;
	return e.now ? `${t}, now ${e.now}` : e.standing === "working" ? `${t}, changing now` : `${t}, now not known`;
}
function Wn(e, t, n) {
	let r = n.trim().toLowerCase();
	return e.filter((e) => (!r || e.node.toLowerCase().includes(r)) && (!t || e.cells.some((e) => e.standing === t)));
}
var Gn = /* @__PURE__ */ new Set(["fail", "unknown"]);
function Kn(e) {
	let t = e.points.at(-1);
	return t ? Gn.has(t.answer) ? t.answer.toUpperCase() : t.answer : "not read";
}
function qn(e, t) {
	let n = e.filter((e) => e.points.some((e) => Gn.has(e.answer))), r = e.filter((e) => !n.includes(e)), i = [...n, ...r].slice(0, t);
	return {
		shown: i,
		left: e.length - i.length
	};
}
// src/release/Sparkline.tsx
var Jn = 14, Yn = 22, Xn = 5;
function Zn(e, t, n) {
	let r = e.flatMap(({ value: e }) => e === void 0 ? [] : [e]), i = [t, n].filter((e) => e !== null);
	if (i.length === 0 || r.length === 0) return {
		at: e.map((e) => ({
			pass: Xn,
			fail: 17
		})[e.answer] ?? Yn / 2),
		limits: []
	};
	let a = [...r, ...i], o = Math.min(...a), s = Math.max(...a) - o || 1, c = (e) => 17 - (e - o) / s * 12;
	return {
		at: e.map(({ value: e }) => e === void 0 ? Yn / 2 : c(e)),
		limits: i.map(c)
	};
}
var Qn = {
	pass: "green",
	fail: "red"
};
function $n({ criterion: e, series: t }) {
	let { points: n } = t, { at: r, limits: i } = Zn(n, t.least ?? e.least, t.most ?? e.most), a = Math.max(1, n.length) * Jn, o = (e) => e * Jn + Jn / 2, s = n.map((e) => `${e.phase}: ${e.answer}${e.value === void 0 ? "" : ` (${e.value})`}`);
	return /* @__PURE__ */ O("svg", {
		width: a,
		height: Yn,
		role: "img",
		"aria-label": `${e.name}${t.node ? ` on ${t.node}` : ""}: ${s.join(", ")}`,
		style: {
			display: "inline-block",
			verticalAlign: "middle"
		},
		children: [
			i.map((e) => /* @__PURE__ */ D("line", {
				x1: "0",
				x2: a,
				y1: e,
				y2: e,
				stroke: "currentColor",
				strokeDasharray: "3 2",
				opacity: "0.7"
			}, e)),
			/* @__PURE__ */ D("polyline", {
				points: r.map((e, t) => `${o(t)},${e}`).join(" "),
				fill: "none",
				stroke: "currentColor",
				opacity: "0.4"
			}),
			n.map((e, t) => /* @__PURE__ */ D(er, {
				answer: e.answer,
				x: o(t),
				y: r[t] ?? 0
			}, `${e.at}${t}`))
		]
	});
}
function er({ answer: e, x: t, y: n }) {
	let r = `var(--chakra-colors-${Qn[e] ?? "purple"}-solid)`;
	return e === "fail" ? /* @__PURE__ */ D("path", {
		d: `M${t - 4} ${n - 4}L${t + 4} ${n + 4}M${t + 4} ${n - 4}L${t - 4} ${n + 4}`,
		stroke: r,
		strokeWidth: "2.5"
	}) : /* @__PURE__ */ D("circle", {
		cx: t,
		cy: n,
		r: "3.5",
		fill: e === "pass" ? r : "none",
		stroke: r,
		strokeWidth: "2"
	});
}
// src/release/Criteria.tsx
var tr = 6;
function nr({ criteria: e, now: t }) {
	return e.length === 0 ? null : /* @__PURE__ */ D(V, {
		title: "Criteria",
		children: /* @__PURE__ */ D(H, {
			label: "Criteria",
			head: [
				"criterion",
				"must show",
				"readings"
			],
			rows: e.map((e) => ({
				key: e.name,
				cells: [
					/* @__PURE__ */ O(E, { children: [
						e.name,
						e.neighbour && " (neighbour)",
						/* @__PURE__ */ D(m, {
							fontSize: "xs",
							color: "fg.muted",
							fontWeight: "normal",
							overflowWrap: "anywhere",
							children: e.question
						})
					] }),
					`${e.wanted}${e.seconds ? ` for ${e.seconds} s` : ""}`,
					/* @__PURE__ */ D(rr, {
						criterion: e,
						now: t
					})
				]
			}))
		})
	});
}
function rr({ criterion: e, now: t }) {
	let { shown: n, left: r } = qn(e.series, tr);
	return n.length === 0 ? /* @__PURE__ */ D(E, { children: "not read yet" }) : /* @__PURE__ */ O(E, { children: [n.map((n) => /* @__PURE__ */ D(ir, {
		series: n,
		criterion: e,
		now: t
	}, n.node ?? "")), r > 0 && /* @__PURE__ */ O(m, {
		fontSize: "xs",
		color: "fg.muted",
		children: [r, " more nodes, every reading passed"]
	})] });
}
function ir({ series: e, criterion: t, now: n }) {
	let r = e.points.at(-1);
	return /* @__PURE__ */ O(l, { children: [
		/* @__PURE__ */ D($n, {
			criterion: t,
			series: e
		}),
		" ",
		/* @__PURE__ */ D("strong", { children: Kn(e) }),
		e.node && ` on ${e.node}`,
		r && /* @__PURE__ */ D(l, {
			as: "span",
			color: "fg.muted",
			children: `: ${r.why ?? r.observed ?? ""} (${M(r.at, void 0, n)}, ${r.phase})`
		})
	] });
}
// src/release/Evidence.tsx
function ar({ release: e }) {
	let { plan: t, run: n } = e;
	return n ? /* @__PURE__ */ O(V, {
		title: `Evidence (${e.entries} entries)`,
		children: [/* @__PURE__ */ O(d, {
			gap: "3",
			wrap: "wrap",
			align: "center",
			children: [
				/* @__PURE__ */ D(or, {
					plan: t,
					run: n
				}),
				/* @__PURE__ */ D("a", {
					href: S(Y(t, n, "evidence.tar.gz")),
					download: !0,
					style: { textDecoration: "underline" },
					children: "Export"
				}),
				/* @__PURE__ */ O(m, {
					fontSize: "sm",
					color: "fg.muted",
					children: [
						"unpacked anywhere, ",
						/* @__PURE__ */ D("code", { children: "deployplan evidence verify ./evidence" }),
						" checks it"
					]
				})
			]
		}), /* @__PURE__ */ D(W, {
			title: "The story, entry by entry",
			children: () => /* @__PURE__ */ D(sr, {
				plan: t,
				run: n,
				entries: e.entries
			})
		})]
	}) : null;
}
function or({ plan: e, run: t }) {
	let [n, r] = o(0), i = q(n ? Y(e, t, "verification") : null, J, n);
	return /* @__PURE__ */ O(E, { children: [/* @__PURE__ */ D(u, {
		size: "sm",
		variant: "outline",
		onClick: () => r(n + 1),
		children: "Verify"
	}), n > 0 && /* @__PURE__ */ D(l, {
		role: "status",
		flexBasis: "100%",
		children: /* @__PURE__ */ D(G, {
			once: i,
			children: (e) => /* @__PURE__ */ O(E, { children: [/* @__PURE__ */ D(m, {
				fontWeight: "semibold",
				children: e.ok ? "✓ intact" : "✕ NOT INTACT"
			}), /* @__PURE__ */ D(K, {
				label: "What the check found",
				text: e.lines.join("\n")
			})] })
		})
	})] });
}
function sr({ plan: e, run: t, entries: n }) {
	let [i, a] = o({
		entries: [],
		next: 0,
		apart: []
	}), s = i.entries.at(-1)?.seq ?? 0, c = q(i.next !== null || s < n ? `${Y(e, t, "story")}?after=${s}` : null, J, n);
	r(() => {
		let { found: e } = c;
		e === null || (e.entries?.[0]?.seq ?? 0) <= s || a((t) => ({
			...e,
			entries: [...t.entries, ...e.entries]
		}));
	}, [c, s]);
	let l = (e) => e.map((e) => `${String(e.seq).padStart(4)}  ${cr(e.at)} UTC  ${e.told}`);
	return /* @__PURE__ */ O(E, { children: [
		c.problem && /* @__PURE__ */ D(m, {
			role: "alert",
			children: c.problem
		}),
		/* @__PURE__ */ D(K, {
			label: "The story of the evidence",
			text: l(i.entries).join("\n")
		}),
		i.apart.length > 0 && /* @__PURE__ */ O(E, { children: [/* @__PURE__ */ D(m, { children: "apart, when the run was over:" }), /* @__PURE__ */ D(K, {
			label: "What came when the run was over",
			text: l(i.apart).join("\n")
		})] })
	] });
}
function cr(e) {
	return new Date(e).toISOString().slice(0, 19).replace("T", " ");
}
// src/release/NodeLog.tsx
function lr({ plan: e, run: t, wanted: n, close: i }) {
	let s = a(null), [c, l] = o(0), { node: f, component: p, step: h } = n, g = `?component=${encodeURIComponent(p)}&step=${encodeURIComponent(h)}`, _ = q(Y(e, t, "nodes", f, "log") + g, yn, c);
	return r(() => s.current?.showModal(), []), /* @__PURE__ */ O("dialog", {
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
		children: [/* @__PURE__ */ O(d, {
			gap: "3",
			align: "center",
			justify: "space-between",
			wrap: "wrap",
			mb: "2",
			children: [/* @__PURE__ */ O(m, {
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
			}), /* @__PURE__ */ O(d, {
				gap: "2",
				children: [/* @__PURE__ */ D(u, {
					size: "sm",
					variant: "outline",
					onClick: () => l(c + 1),
					children: "Read again"
				}), /* @__PURE__ */ D(u, {
					size: "sm",
					onClick: () => s.current?.close(),
					children: "Close"
				})]
			})]
		}), /* @__PURE__ */ D(G, {
			once: _,
			children: (e) => /* @__PURE__ */ D(K, {
				label: `What was said of ${f}`,
				text: e
			})
		})]
	});
}
// src/release/Matrix.tsx
var ur = {
	done: "green.fg",
	working: "blue.fg",
	failed: "red.fg",
	unknown: "purple.fg",
	"left out": "orange.fg",
	undone: "fg.muted",
	"not started": "fg.muted"
};
function dr({ release: e, now: t }) {
	let [n, r] = o(""), [i, a] = o(""), [s, c] = o(null), f = hr(), h = Wn(e.matrix, n, i), g = e.components.length > 1;
	return /* @__PURE__ */ O(V, {
		title: `Nodes (${e.matrix.length})`,
		children: [
			/* @__PURE__ */ O(d, {
				gap: "2",
				wrap: "wrap",
				mb: "2",
				align: "center",
				children: [
					Object.entries(e.nodes).map(([e, t]) => /* @__PURE__ */ O(u, {
						size: "xs",
						variant: n === e ? "solid" : "outline",
						"aria-pressed": n === e,
						onClick: () => r(n === e ? "" : e),
						children: [
							/* @__PURE__ */ D("span", {
								"aria-hidden": "true",
								children: Bn[e]
							}),
							" ",
							t,
							" ",
							e
						]
					}, e)),
					/* @__PURE__ */ D("label", {
						htmlFor: "deployplan-node",
						children: "node"
					}),
					/* @__PURE__ */ D(p, {
						id: "deployplan-node",
						size: "xs",
						width: "12rem",
						value: i,
						onChange: (e) => a(e.target.value)
					})
				]
			}),
			f ? /* @__PURE__ */ D(d, {
				as: "ul",
				direction: "column",
				gap: "2",
				p: "0",
				listStyleType: "none",
				children: h.map((e) => /* @__PURE__ */ O(l, {
					as: "li",
					borderWidth: "1px",
					borderRadius: "md",
					p: "2",
					fontSize: "sm",
					children: [/* @__PURE__ */ D(m, {
						fontWeight: "semibold",
						overflowWrap: "anywhere",
						children: e.node
					}), e.cells.map((n) => /* @__PURE__ */ O(l, {
						mt: "1",
						overflowWrap: "anywhere",
						children: [g && `${n.component}: `, /* @__PURE__ */ D(pr, {
							node: e.node,
							cell: n,
							now: t,
							show: c
						})]
					}, n.component))]
				}, e.node))
			}) : /* @__PURE__ */ D(H, {
				label: "Nodes and components",
				head: ["node", ...e.components],
				children: h.map((n) => /* @__PURE__ */ D(fr, {
					row: n,
					components: e.components,
					now: t,
					show: c
				}, n.node))
			}),
			h.length < e.matrix.length && /* @__PURE__ */ O(m, {
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
			s && e.run && /* @__PURE__ */ D(lr, {
				plan: e.plan,
				run: e.run,
				wanted: s,
				close: () => c(null)
			})
		]
	});
}
var fr = n(function({ row: e, components: t, now: n, show: r }) {
	return /* @__PURE__ */ O("tr", { children: [/* @__PURE__ */ D("th", {
		scope: "row",
		style: { whiteSpace: "nowrap" },
		children: e.node
	}), t.map((t) => {
		let i = e.cells.find((e) => e.component === t);
		return /* @__PURE__ */ D("td", { children: i ? /* @__PURE__ */ D(pr, {
			node: e.node,
			cell: i,
			now: n,
			show: r
		}) : "–" }, t);
	})] });
}, (e, t) => JSON.stringify(e.row) === JSON.stringify(t.row) && e.components.length === t.components.length && (e.now === t.now || !t.row.cells.some((e) => e.began && !e.ended)));
function pr({ node: e, cell: t, now: n, show: r }) {
	let i = Hn(t, n);
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ O("span", {
			style: {
				color: `var(--chakra-colors-${ur[t.standing].replace(".", "-")})`,
				fontWeight: 600,
				whiteSpace: "nowrap"
			},
			children: [
				/* @__PURE__ */ D("span", {
					"aria-hidden": "true",
					children: Bn[t.standing]
				}),
				" ",
				t.standing
			]
		}),
		" ",
		Un(t),
		/* @__PURE__ */ O("span", {
			style: { color: "var(--chakra-colors-fg-muted)" },
			children: [
				" · ",
				"wave ",
				t.wave,
				i && ` · ${t.step ?? "script"} ${i}`,
				t.words && ` · ${t.words}`
			]
		}),
		t.job && /* @__PURE__ */ O(E, { children: [" ", /* @__PURE__ */ D("button", {
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
var mr = "(max-width: 48em)";
function hr() {
	let [e, t] = o(() => matchMedia(mr).matches);
	return r(() => {
		let e = matchMedia(mr), n = () => t(e.matches);
		return e.addEventListener("change", n), () => e.removeEventListener("change", n);
	}, []), e;
}
// src/release/Messages.tsx
var gr = {
	sent: "✓ sent",
	"not sent": "✕ NOT sent",
	"perhaps sent": "? perhaps sent"
};
function _r({ messages: e, zone: t, now: n }) {
	return /* @__PURE__ */ D(V, {
		title: `Messages (${e.length})`,
		children: e.length === 0 ? /* @__PURE__ */ D(m, {
			fontSize: "sm",
			color: "fg.muted",
			children: "none yet"
		}) : /* @__PURE__ */ D(H, {
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
					/* @__PURE__ */ D(P, {
						at: e.at,
						zone: t,
						now: n
					}),
					`${gr[e.state] ?? e.state}${e.receipt ? `: ${e.receipt}` : ""}`
				]
			}))
		})
	});
}
// src/release/Rail.tsx
var vr = {
	over: "✓",
	now: "▶",
	ahead: "○",
	"not needed": "–",
	"not reached": "–"
};
function yr({ phases: e, zone: t, now: n }) {
	return /* @__PURE__ */ D(d, {
		as: "ol",
		"aria-label": "Phases",
		wrap: "wrap",
		gap: "2",
		my: "4",
		p: "0",
		listStyleType: "none",
		children: e.map((e) => /* @__PURE__ */ O(l, {
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
			children: [/* @__PURE__ */ O(m, {
				fontWeight: e.state === "now" ? "bold" : "medium",
				children: [
					/* @__PURE__ */ O("span", {
						"aria-hidden": "true",
						children: [vr[e.state], " "]
					}),
					e.number,
					" ",
					e.name,
					" ",
					/* @__PURE__ */ D(l, {
						as: "span",
						fontWeight: "normal",
						color: "fg.muted",
						children: e.state
					})
				]
			}), /* @__PURE__ */ D(br, {
				phase: e,
				zone: t,
				now: n
			})]
		}, e.number))
	});
}
function br({ phase: e, zone: t, now: n }) {
	let { began: r, ended: i, planned_begin: a, planned_end: o } = e, s = (e) => /* @__PURE__ */ D(P, {
		at: e,
		zone: t,
		now: n
	});
	return /* @__PURE__ */ O(E, { children: [r && /* @__PURE__ */ O(m, { children: [s(r), i && ` for ${Vn(Date.parse(i) - Date.parse(r))}`] }), !e.state.startsWith("not ") && (a || o) && /* @__PURE__ */ O(m, {
		color: "fg.muted",
		children: [
			"planned",
			a && /* @__PURE__ */ O(E, { children: [" from ", s(a)] }),
			o && /* @__PURE__ */ O(E, { children: [" until ", s(o)] })
		]
	})] });
}
// src/release/ReleasePage.tsx
var xr = 1500;
function Sr() {
	let { plan: e = "", run: t = "" } = re();
	return /* @__PURE__ */ D(wr, {
		plan: e,
		run: t
	});
}
function Cr({ dagId: e = "", runId: t = "" }) {
	return /* @__PURE__ */ O(l, {
		as: "section",
		"aria-label": "Release",
		p: "3",
		width: "100%",
		overflowY: "auto",
		children: [/* @__PURE__ */ D(m, {
			mb: "2",
			fontSize: "sm",
			children: /* @__PURE__ */ D(v, {
				to: x("runs", e, t),
				style: { textDecoration: "underline" },
				children: "On a page of its own"
			})
		}), /* @__PURE__ */ D(wr, {
			plan: e,
			run: t
		})]
	});
}
function wr({ plan: e, run: t }) {
	let n = C(`releases/${encodeURIComponent(e)}/${encodeURIComponent(t)}`, xr), r = z();
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ D(f, {
			as: "h1",
			size: "xl",
			overflowWrap: "anywhere",
			children: e
		}),
		/* @__PURE__ */ D(k, { seen: n }),
		n.found === null ? n.problem === null && /* @__PURE__ */ D(m, {
			role: "status",
			children: "Reading its record…"
		}) : /* @__PURE__ */ D(Tr, {
			release: n.found,
			now: r
		})
	] });
}
function Tr({ release: e, now: t }) {
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ D(Er, {
			release: e,
			now: t
		}),
		!e.damaged && /* @__PURE__ */ O(E, { children: [
			/* @__PURE__ */ D(On, { release: e }),
			/* @__PURE__ */ D(yr, {
				phases: e.phases,
				zone: e.timezone,
				now: t
			}),
			/* @__PURE__ */ D(Z, {
				of: "nodes",
				children: /* @__PURE__ */ D(dr, {
					release: e,
					now: t
				})
			}),
			/* @__PURE__ */ D(Z, {
				of: "criteria",
				children: /* @__PURE__ */ D(nr, {
					criteria: e.criteria,
					now: t
				})
			}),
			/* @__PURE__ */ D(Z, {
				of: "approvals",
				children: /* @__PURE__ */ D(Rn, {
					release: e,
					now: t
				})
			}),
			/* @__PURE__ */ D(Or, {
				release: e,
				now: t
			}),
			/* @__PURE__ */ D(Z, {
				of: "messages",
				children: /* @__PURE__ */ D(_r, {
					messages: e.messages,
					zone: e.timezone,
					now: t
				})
			})
		] }),
		/* @__PURE__ */ D(ar, { release: e })
	] });
}
function Z({ of: e, children: t }) {
	return /* @__PURE__ */ D(s, {
		instead: `What is shown of the ${e} broke; the story of the evidence has it.`,
		children: t
	});
}
function Er({ release: e, now: t }) {
	let n = e, r = Ye(n), i = $e(n), a = [e.previous, e.release].filter(Boolean).join(" → ");
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ O(m, {
			color: "fg.muted",
			overflowWrap: "anywhere",
			children: [
				[
					e.product && `${e.product} ${a}`,
					e.environment,
					e.owner && `by ${e.owner}`,
					e.change,
					e.triggered_by && `triggered by ${e.triggered_by}`
				].filter(Boolean).join(" · "),
				" · run",
				" ",
				/* @__PURE__ */ D(v, {
					to: Qe(n),
					style: { textDecoration: "underline" },
					children: e.run
				})
			]
		}),
		e.summary && /* @__PURE__ */ D(m, {
			overflowWrap: "anywhere",
			children: e.summary
		}),
		/* @__PURE__ */ O(m, {
			my: "2",
			fontSize: "lg",
			overflowWrap: "anywhere",
			"data-testid": "sentence",
			"aria-live": "polite",
			children: [
				e.damaged && /* @__PURE__ */ D("strong", { children: "Damaged record: " }),
				e.outcome && !e.damaged && /* @__PURE__ */ O("strong", { children: [e.outcome.replaceAll("_", " "), ": "] }),
				e.sentence
			]
		}),
		/* @__PURE__ */ O(d, {
			columnGap: "6",
			rowGap: "1",
			wrap: "wrap",
			fontSize: "sm",
			children: [
				r && /* @__PURE__ */ O(Dr, {
					what: r.what,
					children: [
						/* @__PURE__ */ D(P, {
							at: r.at,
							zone: e.timezone,
							now: t
						}),
						", ",
						Je(r.at, t)
					]
				}),
				e.budget && /* @__PURE__ */ O(Dr, {
					what: `budget of ${e.budget.component}`,
					children: [
						Math.max(0, e.budget.allowed - e.budget.failed),
						" of ",
						e.budget.allowed,
						" left"
					]
				}),
				e.wave && !e.ended && /* @__PURE__ */ O(Dr, {
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
		i && /* @__PURE__ */ O(m, {
			mt: "2",
			children: [
				/* @__PURE__ */ D("a", {
					href: i,
					style: {
						textDecoration: "underline",
						fontWeight: 600
					},
					children: e.may.answer ? "Answer" : "See the question"
				}),
				" ",
				/* @__PURE__ */ O(l, {
					as: "span",
					color: "fg.muted",
					children: [
						"asked: ",
						e.question?.people.join(", "),
						e.question?.until && `, silence is taken for an answer at ${M(e.question.until, void 0, t)}`
					]
				})
			]
		})
	] });
}
function Dr({ what: e, children: t }) {
	return /* @__PURE__ */ O(l, {
		overflowWrap: "anywhere",
		children: [
			/* @__PURE__ */ O(l, {
				as: "span",
				color: "fg.muted",
				children: [e, ":"]
			}),
			" ",
			t
		]
	});
}
function Or({ release: e, now: t }) {
	let n = e.backout;
	return /* @__PURE__ */ D(V, {
		title: "What a backout would do",
		children: n ? /* @__PURE__ */ O(m, {
			overflowWrap: "anywhere",
			"data-testid": "backout",
			children: [
				"It ",
				n.sentence,
				". ",
				n.authority.join(" or "),
				" may order it",
				n.until && /* @__PURE__ */ O(E, { children: [", and people may ask for it until ", /* @__PURE__ */ D(P, {
					at: n.until,
					zone: e.timezone,
					now: t
				})] }),
				"."
			]
		}) : /* @__PURE__ */ D(m, { children: "Nothing: no component of this run has begun, or what had is undone." })
	});
}
// src/HoldForm.tsx
function kr({ found: e }) {
	let [t, n] = o(!1), [r, i] = o(""), [a, s] = o(null), [c, f] = o(!1), h = e.hold ? "resume" : "hold";
	if (!e.may.hold) return null;
	let g = async () => {
		f(!0);
		let e = await xt(h, r);
		f(!1), s(e), e === null && (i(""), n(!1));
	};
	return t ? /* @__PURE__ */ O(l, {
		as: "form",
		borderWidth: "1px",
		borderRadius: "md",
		p: "3",
		width: "100%",
		onSubmit: (e) => {
			e.preventDefault(), g();
		},
		children: [
			/* @__PURE__ */ D(m, {
				fontSize: "sm",
				mb: "2",
				children: h === "hold" ? "No plan will start a new wave and no window will open, until somebody resumes. What runs goes on; no backout is held." : "All plans go on from where they are."
			}),
			/* @__PURE__ */ O(d, {
				gap: "2",
				wrap: "wrap",
				align: "center",
				children: [
					/* @__PURE__ */ D("label", {
						htmlFor: "deployplan-why",
						children: "Why?"
					}),
					/* @__PURE__ */ D(p, {
						id: "deployplan-why",
						value: r,
						maxLength: 1e3,
						required: !0,
						autoFocus: !0,
						flex: "1 1 12rem",
						onChange: (e) => i(e.target.value)
					}),
					/* @__PURE__ */ D(u, {
						type: "submit",
						size: "sm",
						disabled: c || !r.trim(),
						children: h === "hold" ? "Hold all" : "Resume all"
					}),
					/* @__PURE__ */ D(u, {
						type: "button",
						size: "sm",
						variant: "ghost",
						onClick: () => n(!1),
						children: "Cancel"
					})
				]
			}),
			a && /* @__PURE__ */ D(m, {
				role: "alert",
				mt: "2",
				fontSize: "sm",
				children: a
			})
		]
	}) : /* @__PURE__ */ D(u, {
		variant: "outline",
		size: "sm",
		onClick: () => n(!0),
		children: h === "hold" ? "Hold all…" : "Resume all…"
	});
}
// src/NodeBar.tsx
var Ar = {
	done: "green.solid",
	working: "blue.solid",
	failed: "red.solid",
	unknown: "purple.solid",
	"left out": "orange.solid",
	undone: "gray.solid",
	"not started": "border.emphasized"
}, jr = Object.keys(Ar);
function Mr({ row: e }) {
	let t = jr.flatMap((t) => {
		let n = e.nodes[t];
		return n ? [{
			standing: t,
			count: n
		}] : [];
	});
	if (t.length === 0) return null;
	let n = t.map(({ standing: e, count: t }) => `${t} ${e}`).join(" · ");
	return /* @__PURE__ */ O(l, { children: [/* @__PURE__ */ D(d, {
		height: "2",
		borderRadius: "full",
		overflow: "hidden",
		gap: "1px",
		"aria-hidden": "true",
		children: t.map(({ standing: e, count: t }) => /* @__PURE__ */ D(l, {
			flexGrow: t,
			flexBasis: "0",
			minWidth: "4px",
			bg: Ar[e]
		}, e))
	}), /* @__PURE__ */ O(m, {
		fontSize: "sm",
		mt: "1",
		children: [
			/* @__PURE__ */ D(l, {
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
function Nr({ row: e }) {
	let t = e.phase?.number ?? 0, n = e.phase ? `${t} of ${Be.length}: ${e.phase.name}` : e.damaged ? "not known" : "planned", r = t === 5 || (e.nodes.undone ?? 0) > 0, i = (e) => e <= t && (e !== 5 || r);
	return /* @__PURE__ */ O(d, {
		align: "center",
		gap: "2",
		fontSize: "sm",
		children: [/* @__PURE__ */ D(d, {
			gap: "1",
			"aria-hidden": "true",
			children: Be.map((e, n) => /* @__PURE__ */ D(l, {
				width: n + 1 === t ? "5" : "2.5",
				height: "2.5",
				borderRadius: "full",
				borderWidth: "1px",
				borderColor: i(n + 1) ? "blue.solid" : "border.emphasized",
				bg: i(n + 1) ? "blue.solid" : "transparent"
			}, e))
		}), /* @__PURE__ */ O("span", { children: ["Phase ", n] })]
	});
}
// src/RowCard.tsx
var Pr = {
	"needs you": "orange.solid",
	running: "blue.solid",
	waiting: "gray.solid",
	"next 7 days": "border.emphasized"
}, Fr = /* @__PURE__ */ new Set([
	"backout_failed",
	"unknown",
	"missed",
	"window_missed"
]), Ir = /* @__PURE__ */ new Set([
	"success",
	"success_with_issues",
	"nothing_to_do"
]);
function Lr(e) {
	return e.damaged || Fr.has(e.outcome ?? "") ? "red.solid" : Ir.has(e.outcome ?? "") ? "green.solid" : Pr[e.lane] ?? "gray.solid";
}
var Rr = n(function({ row: e, now: t }) {
	let n = et(e);
	return /* @__PURE__ */ D(l, {
		as: "article",
		borderWidth: "1px",
		borderColor: "border",
		borderLeftWidth: "4px",
		borderLeftColor: Lr(e),
		borderRadius: "md",
		p: "3",
		"aria-label": `${e.plan}${e.run ? `, run ${e.run}` : ""}`,
		children: /* @__PURE__ */ O(d, {
			direction: {
				base: "column",
				lg: "row"
			},
			gap: {
				base: "2",
				lg: "6"
			},
			children: [
				/* @__PURE__ */ O(l, {
					flex: "2 1 0",
					minWidth: "0",
					children: [
						/* @__PURE__ */ D(f, {
							as: "h3",
							size: "sm",
							overflowWrap: "anywhere",
							children: /* @__PURE__ */ D(v, {
								to: Ze(e),
								style: { textDecoration: "underline" },
								children: e.plan
							})
						}),
						/* @__PURE__ */ D(m, {
							fontSize: "sm",
							color: "fg.muted",
							overflowWrap: "anywhere",
							children: [
								e.product && e.release ? `${e.product} ${e.release}` : e.product,
								e.environment,
								e.owner && `by ${e.owner}`
							].filter(Boolean).join(" · ")
						}),
						/* @__PURE__ */ O(m, {
							mt: "1",
							overflowWrap: "anywhere",
							"data-testid": "sentence",
							children: [
								e.damaged && /* @__PURE__ */ D("strong", { children: "Damaged record: " }),
								e.outcome && !e.damaged && /* @__PURE__ */ O("strong", { children: [e.outcome.replaceAll("_", " "), ": "] }),
								e.sentence
							]
						}),
						n && /* @__PURE__ */ O(m, {
							mt: "2",
							children: [
								/* @__PURE__ */ D("a", {
									href: $e(e) ?? void 0,
									style: {
										textDecoration: "underline",
										fontWeight: 600
									},
									children: e.may.answer ? "Answer" : "See the question"
								}),
								" ",
								"(",
								/* @__PURE__ */ D(v, {
									to: n,
									style: { textDecoration: "underline" },
									children: "in Airflow"
								}),
								")",
								" ",
								/* @__PURE__ */ O(l, {
									as: "span",
									fontSize: "sm",
									color: "fg.muted",
									children: ["asked: ", e.question?.people.join(", ")]
								})
							]
						})
					]
				}),
				/* @__PURE__ */ O(l, {
					flex: "1 1 0",
					minWidth: "0",
					children: [/* @__PURE__ */ D(Nr, { row: e }), /* @__PURE__ */ D(l, {
						mt: "2",
						children: /* @__PURE__ */ D(Mr, { row: e })
					})]
				}),
				/* @__PURE__ */ D(l, {
					flex: "1 1 0",
					minWidth: "0",
					fontSize: "sm",
					children: /* @__PURE__ */ D(zr, {
						row: e,
						now: t
					})
				})
			]
		})
	});
});
function zr({ row: e, now: t }) {
	let n = Ye(e), { seats: r, budget: i, wave: a } = e;
	return /* @__PURE__ */ O(l, {
		as: "dl",
		display: "grid",
		gridTemplateColumns: "auto 1fr",
		columnGap: "3",
		rowGap: "1",
		m: "0",
		children: [
			n && /* @__PURE__ */ O(Q, {
				what: n.what,
				children: [
					M(n.at, void 0, t),
					", ",
					Je(n.at, t),
					M(n.at, e.timezone, t) !== M(n.at, void 0, t) && /* @__PURE__ */ D(l, {
						as: "span",
						color: "fg.muted",
						children: `; ${We(n.at, e.timezone, t)}`
					})
				]
			}),
			a && e.phase && !e.ended && /* @__PURE__ */ O(Q, {
				what: "wave",
				children: [
					a.number,
					" of ",
					a.of,
					", ",
					a.title
				]
			}),
			r && !e.ended && /* @__PURE__ */ O(Q, {
				what: "approval",
				children: [
					r.taken,
					" of ",
					r.of,
					r.by.length > 0 && ` (${r.by.join(", ")})`,
					r.missing.length > 0 && `, missing: ${r.missing.join(" or ")}`
				]
			}),
			i && e.began && /* @__PURE__ */ O(Q, {
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
	return /* @__PURE__ */ O(E, { children: [/* @__PURE__ */ D(l, {
		as: "dt",
		color: "fg.muted",
		children: e
	}), /* @__PURE__ */ D(l, {
		as: "dd",
		m: "0",
		overflowWrap: "anywhere",
		children: t
	})] });
}
// src/Releases.tsx
var Br = {
	"needs you": "Needs you",
	running: "Running",
	waiting: "Waiting",
	"next 7 days": "Next 7 days",
	"ended in 24 h": "Ended in 24 hours"
};
function Vr() {
	let e = bt(), t = z();
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ D(f, {
			as: "h1",
			size: "xl",
			mb: "1",
			children: "Releases"
		}),
		/* @__PURE__ */ D(k, { seen: e }),
		e.found === null ? e.problem === null && /* @__PURE__ */ D(m, {
			role: "status",
			children: "Reading plans and records…"
		}) : /* @__PURE__ */ D(Hr, {
			found: e.found,
			now: t
		})
	] });
}
function Hr({ found: e, now: t }) {
	let [n, r] = nt(), i = Ve(e.rows, n);
	return /* @__PURE__ */ O(E, { children: [
		/* @__PURE__ */ D(m, { children: Xe(e, t) }),
		e.hold && /* @__PURE__ */ O(m, {
			role: "status",
			fontWeight: "semibold",
			borderLeftWidth: "4px",
			borderLeftColor: "orange.solid",
			pl: "2",
			my: "2",
			children: ["Everything is ", e.hold.sentence]
		}),
		/* @__PURE__ */ D(Ur, { found: e }),
		/* @__PURE__ */ O(d, {
			gap: "4",
			my: "3",
			wrap: "wrap",
			align: "center",
			justify: "space-between",
			children: [/* @__PURE__ */ D(rt, {
				rows: e.rows,
				filter: n,
				choose: r
			}), /* @__PURE__ */ D(kr, { found: e })]
		}),
		e.lanes.map((e) => /* @__PURE__ */ D(Wr, {
			lane: e,
			rows: i.filter((t) => t.lane === e),
			now: t
		}, e))
	] });
}
function Ur({ found: e }) {
	return [e.unread > 0 && `Still reading: ${e.unread} runs or plan files.`, e.rejected > 0 && `Not shown: ${e.rejected} plan files with problems; see Airflow's import errors, or deployplan lint.`].filter((e) => !!e).map((e) => /* @__PURE__ */ D(m, {
		fontSize: "sm",
		color: "fg.muted",
		role: "status",
		children: e
	}, e));
}
function Wr({ lane: e, rows: t, now: n }) {
	let r = `lane-${e.replaceAll(" ", "-")}`;
	return /* @__PURE__ */ O(l, {
		as: "section",
		"aria-labelledby": r,
		mt: "4",
		children: [/* @__PURE__ */ O(f, {
			as: "h2",
			size: "md",
			id: r,
			children: [
				Br[e],
				" (",
				t.length,
				")"
			]
		}), t.length === 0 ? /* @__PURE__ */ D(m, {
			fontSize: "sm",
			color: "fg.muted",
			children: "nothing"
		}) : /* @__PURE__ */ D(d, {
			as: "ul",
			direction: "column",
			gap: "2",
			mt: "2",
			p: "0",
			listStyleType: "none",
			children: t.map((e) => /* @__PURE__ */ D(l, {
				as: "li",
				children: /* @__PURE__ */ D(Rr, {
					row: e,
					now: n
				})
			}, `${e.plan}/${e.run}`))
		})]
	});
}
// src/pages.tsx
var Gr = [
	{
		path: "",
		label: "Releases",
		Component: Vr
	},
	{
		path: "runs/:plan/:run",
		Component: Sr
	},
	{
		path: "nodes",
		label: "Nodes",
		Component: Wt
	},
	{
		path: "nodes/:environment/:node",
		Component: Bt
	},
	{
		path: "calendar",
		label: "Calendar",
		Component: Ne
	},
	{
		path: "history",
		label: "History",
		Component: Ft
	},
	{
		path: "plans",
		label: "Plans",
		Component: hn
	},
	{
		path: "plans/:plan",
		Component: un
	}
];
function Kr() {
	return /* @__PURE__ */ O(l, {
		as: "main",
		p: {
			base: "3",
			md: "6"
		},
		maxWidth: "1600px",
		width: "100%",
		overflowY: "auto",
		children: [/* @__PURE__ */ D(qr, {}), /* @__PURE__ */ O(te, { children: [Gr.map(({ path: e, Component: t }) => /* @__PURE__ */ D(y, {
			path: e,
			element: /* @__PURE__ */ D(Jr, { Component: t })
		}, e)), /* @__PURE__ */ D(y, {
			path: "*",
			element: /* @__PURE__ */ D(Yr, {})
		})] })]
	});
}
function qr() {
	let e = Gr.filter((e) => e.label);
	return e.length < 2 ? null : /* @__PURE__ */ D(l, {
		as: "nav",
		"aria-label": "Pages of deployplan",
		display: "flex",
		flexWrap: "wrap",
		gap: "4",
		mb: "3",
		borderBottomWidth: "1px",
		borderColor: "border",
		children: e.map(({ path: e, label: t }) => /* @__PURE__ */ D(ee, {
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
function Jr({ Component: e }) {
	let { pathname: t } = ne();
	return /* @__PURE__ */ D(s, {
		instead: "This page broke; the others stand. `deployplan status` and `deployplan nodes` tell the same.",
		children: /* @__PURE__ */ D(e, {})
	}, t);
}
function Yr() {
	let { pathname: e } = ne();
	return /* @__PURE__ */ O("p", {
		role: "status",
		children: [
			"There is no page ",
			e,
			"."
		]
	});
}
// src/Strip.tsx
function Xr() {
	let { found: e } = bt(1e4), t = z();
	return e === null ? null : /* @__PURE__ */ O(l, {
		borderWidth: "1px",
		borderRadius: "md",
		px: "3",
		py: "2",
		mb: "3",
		children: [
			/* @__PURE__ */ D(v, {
				to: "/plugin/releases",
				style: { textDecoration: "underline" },
				children: "Releases"
			}),
			": ",
			Xe(e, t)
		]
	});
}
function Zr() {
	let { found: e } = bt(15e3);
	if (e === null) return null;
	let t = e.rows.filter((e) => e.outcome === "backout_failed");
	return e.hold === null && t.length === 0 ? null : /* @__PURE__ */ O(l, {
		role: "status",
		borderLeftWidth: "4px",
		borderLeftColor: "red.solid",
		bg: "bg.muted",
		px: "3",
		py: "1",
		fontSize: "sm",
		children: [e.hold && /* @__PURE__ */ O("div", { children: ["Everything is ", e.hold.sentence] }), t.map((e) => /* @__PURE__ */ O("div", { children: [
			"Backout failed: ",
			e.plan,
			": ",
			e.sentence
		] }, `${e.plan}/${e.run}`))]
	});
}
// src/main.tsx
var $ = "The page of releases broke; `deployplan status` tells the same.", Qr = globalThis, $r = {
	Releases: [Kr, $],
	Release: [Cr, $],
	Plan: [dn, $],
	"Deployplan strip": [Xr, null],
	"Deployplan banner": [Zr, null]
}, ei = [
	"React",
	"ReactDOM",
	"ReactJSXRuntime",
	"ReactRouterDOM",
	"ChakraUI"
].filter((e) => Qr[e] === void 0);
for (let [e, [t, n]] of Object.entries($r)) Qr[e] = ei.length > 0 ? () => n && `This Airflow gives plugins no ${ei.join(", ")}. ${$}` : (e) => /* @__PURE__ */ D(s, {
	instead: n,
	children: /* @__PURE__ */ D(t, { ...e })
});
