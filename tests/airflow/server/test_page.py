"""The page of releases in Airflow's own pages, as a real browser shows them, at a desk and on a phone.

With `PICTURES=docs/guides` the pictures of the documentation are taken anew.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from browsing import HOSTILE, PHONE, TOO_WIDE, names_not_given
from deployplan.airflow_glue.settings import settings
from deployplan.evidence.hold import HoldSwitch
from deployplan.runbook.timing.past_runs import remember
from unit.runbook.other_plans import OtherPlans
from unit.runbook.runs import node_result, wave_ended

pytestmark = pytest.mark.airflow

OTHER_PRODUCT = 'scope: {release: {product: till, version: "2", previous: "1"}, summary: "The till"}\n'


def a_window(opens: timedelta, length: timedelta = timedelta(hours=4)) -> str:
    """A window that opens so long from now, as a plan states it."""
    start = datetime.now(UTC) + opens
    times = f"opens: {start:%Y-%m-%d %H:%M}, closes: {start + length:%Y-%m-%d %H:%M}, timezone: UTC"
    return f"schedule: {{window: {{{times}}}}}\n"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherPlans]:
    """A store with a run that asks, one at work, one that cannot be believed, one that failed, and a plan to come."""
    folder = tmp_path_factory.mktemp("night")
    found = OtherPlans(folder)
    now = datetime.now(UTC)
    (folder / "signing.key").write_bytes(b"k" * 32)
    asked = found.run("storefront-4.4.0", a_window(timedelta(hours=2)), at=now)
    asked.ledger.record("seat_asked", seat=1, people=["mia"], digest=asked.snapshot.digest)
    question = "Approve storefront-4.4.0? Seat 1 of 1"
    asked.ledger.record("card_put", task="review.approve_1", people=["mia"], subject=question)
    at_work = found.armed("billing-2.1.0", a_window(timedelta(hours=-1)))
    at_work.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="run-1#1")
    at_work.ledger.record("job_started", node="web-1", job="j", step="deploy", component="web")
    before = {"criterion": "health", "node": "web-1", "answer": "pass", "observed": "status 200"}
    at_work.ledger.record("baseline", **before)
    at_work.ledger.record("rollback_point", component="web", node="web-1", version="1", known_by="current")
    sent = {"to": "warehouse", "moment": "started", "via": "mail", "key": "k", "receipt": "250 ok"}
    at_work.ledger.record("message_sent", **sent)
    damaged = found.armed("ledger-9", a_window(timedelta(hours=-1)) + OTHER_PRODUCT)
    (Path(str(damaged.ledger.folder)) / "ledger-000002.jsonl").write_text("{}\n")
    failed = found.armed("payments-3.0.1", a_window(timedelta(hours=-2)) + OTHER_PRODUCT)
    failed.clock.move_to(now)  # type: ignore[attr-defined]
    wave_ended(failed, ok=False, why=HOSTILE, nodes={"web-1": node_result("failed", f"exit 3 {HOSTILE}")})
    failed.ledger.record("outcome", outcome="backed_out", because=HOSTILE)
    remember(found.records, failed.snapshot, failed.run_id, failed.ledger)
    found.records.close_run("payments-3.0.1", "run-1")
    found.plan("search-7.0", a_window(timedelta(days=2)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEPLOYPLAN_RECORDS", str(folder / "records"))
        patch.setenv("DEPLOYPLAN_INCLUDE", str(found.include.root))
        patch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(folder / "signing.key"))
        settings.cache_clear()
        yield found
    settings.cache_clear()


def lanes(page: Any) -> dict[str, list[str]]:
    """The plans by the heading of their lane, once everything is read."""
    page.get_by_role("heading", name="Releases", exact=True).wait_for()
    page.get_by_role("article", name="storefront-4.4.0").wait_for()
    page.get_by_role("article", name="search-7.0").wait_for()
    return {
        section.get_by_role("heading", level=2).inner_text(): section.get_by_role("heading", level=3).all_inner_texts()
        for section in page.locator("main section").all()
    }


def test_the_page_stands_in_airflows_own_and_says_who_must_act(looks: Any, night: OtherPlans) -> None:
    mia = looks()
    page = mia.open()
    assert lanes(page) == {
        "Needs you (2)": ["storefront-4.4.0", "ledger-9"],
        "Running (1)": ["billing-2.1.0"],
        "Waiting (0)": [],
        "Next 7 days (1)": ["search-7.0"],
        "Ended in 24 hours (1)": ["payments-3.0.1"],
    }
    card = page.get_by_role("article", name="storefront-4.4.0")
    assert card.get_by_test_id("sentence").inner_text() == "Approve storefront-4.4.0? Seat 1 of 1"
    assert (
        card.get_by_role("link", name="Answer").get_attribute("href").endswith("/deployplan/m/storefront-4.4.0/run-1")
    )
    in_airflow = card.get_by_role("link", name="in Airflow").get_attribute("href")
    assert in_airflow.endswith("/tasks/review.approve_1/required_actions")
    assert "1 working" in page.get_by_role("article", name="billing-2.1.0").inner_text()
    assert "is not intact" in page.get_by_role("article", name="ledger-9").inner_text()
    assert HOSTILE in page.get_by_role("article", name="payments-3.0.1").inner_text()
    assert page.evaluate("globalThis.harmed") is None
    # The policy holds here: a script that a page brings along is not run.
    script = "Object.assign(document.createElement('script'), {textContent: 'globalThis.harmed = 1'})"
    page.evaluate(f"void document.body.append({script})")
    assert page.evaluate("globalThis.harmed") is None
    assert len(mia.refused) == 1
    mia.refused.clear()
    assert names_not_given(page) == []
    mia.expect_no_violations()
    mia.expect_to_stand_at_twice_the_size()
    # Times are those of who looks (Berlin), with the plan's own beside them.
    facts = " ".join(card.locator("dl").inner_text().split())
    assert re.search(r"last safe start (\w+ )?\d\d:\d\d CES?T, in .*; (\w+ )?\d\d:\d\d UTC", facts), facts
    # A filter is kept in the address, and a link leads to the run, all in one document.
    page.get_by_label("person").select_option("mia")
    page.wait_for_url("**/plugin/releases?person=mia")
    page.get_by_label("product").select_option("shop")
    page.wait_for_url("**/plugin/releases?person=mia&product=shop")
    page.get_by_role("article", name="ledger-9").wait_for(state="detached")
    mia.picture("releases-desk")
    page.get_by_role("link", name="billing-2.1.0").click()
    page.wait_for_url("**/plugin/releases/runs/billing-2.1.0/run-1")
    page.get_by_role("heading", name="billing-2.1.0").wait_for()
    assert mia.broken == []
    assert [each for each in mia.asked if not each.startswith((mia.address, "data:", "blob:"))] == []


def test_the_page_is_for_a_phone_in_the_dark_too(looks: Any, night: OtherPlans) -> None:
    mia = looks(size=PHONE, dark=True)
    page = mia.open("/plugin/releases?product=shop")
    lanes(page)
    assert page.evaluate("document.documentElement.classList.contains('dark')")
    assert page.evaluate(TOO_WIDE) == 0, "the page scrolls sideways"
    mia.picture("releases-phone")
    mia.expect_no_violations()
    mia.open("/deployplan/m")
    page.get_by_role("heading", name="Approve storefront-4.4.0? Seat 1 of 1").wait_for()
    assert page.evaluate(TOO_WIDE) == 0, "the list of cards scrolls sideways"
    mia.expect_no_violations()
    page.get_by_role("link", name="Read and answer").click()
    page.wait_for_url("**/deployplan/m/storefront-4.4.0/run-1")
    page.get_by_role("heading", name="Approve storefront-4.4.0? Seat 1 of 1").wait_for()
    mia.expect_no_violations()


def test_a_release_is_one_click_away_and_says_all_of_itself_as_it_happens(looks: Any, night: OtherPlans) -> None:
    mia = looks()
    page = mia.open()
    lanes(page)
    page.get_by_role("link", name="payments-3.0.1").click()
    page.wait_for_url("**/plugin/releases/runs/payments-3.0.1/run-1")
    page.get_by_role("heading", name="payments-3.0.1", level=1).wait_for()
    assert HOSTILE in page.get_by_test_id("sentence").inner_text()
    row = page.get_by_role("region", name="Nodes and components").get_by_role("row").filter(has_text="web-1")
    assert "✕ failed" in row.inner_text()
    page.get_by_text("What exactly is approved").click()
    page.get_by_role("region", name="Commands").get_by_text("deploy", exact=True).first.wait_for()
    page.get_by_text("The story, entry by entry").click()
    story = page.get_by_role("region", name="The story of the evidence")
    story.get_by_text("outcome: backed_out").wait_for()
    page.get_by_role("button", name="Verify").click()
    page.get_by_text("signatures  checked").wait_for()
    mia.expect_no_violations()
    mia.expect_to_stand_at_twice_the_size()
    page.get_by_role("heading", name="Messages (0)").wait_for()
    about = {"to": "warehouse", "moment": "backed_out", "via": "mail", "key": "k", "receipt": f"250 {HOSTILE}"}
    night.records.run("payments-3.0.1", "run-1").ledger().record("message_sent", **about)
    page.get_by_role("heading", name="Messages (1)").wait_for()
    page.get_by_role("region", name="Messages").get_by_text(f"250 {HOSTILE}").wait_for()
    story.get_by_text("told warehouse: backed_out").wait_for()
    assert page.evaluate("globalThis.harmed") is None
    assert mia.broken == []
    assert [each for each in mia.asked if not each.startswith((mia.address, "data:", "blob:"))] == []


def test_what_one_may_do_about_a_release_is_reached_by_the_keyboard_and_says_first_what_it_does(
    looks: Any, night: OtherPlans
) -> None:
    mia = looks()
    page = mia.open("/plugin/releases/runs/billing-2.1.0/run-1")
    log = page.get_by_role("button", name="log of web on web-1")
    log.wait_for()
    mia.picture("release-desk")
    log.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="Log of web on web-1").get_by_role("alert").wait_for()  # Airflow has no such task
    mia.expect_no_violations()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "log of web on web-1"
    page.get_by_role("button", name="Stop and back out…").focus()
    page.keyboard.press("Enter")
    said = page.get_by_test_id("preview").get_by_role("alert")  # Airflow knows no run of it
    assert "no run of billing-2.1.0 is under way" in said.inner_text()
    assert page.get_by_role("button", name="Stop and back out", exact=True).is_disabled()
    mia.expect_no_violations()
    vic = looks("vic", "VIEWER")
    looked = vic.open("/plugin/releases/runs/billing-2.1.0/run-1")
    looked.get_by_role("button", name="log of web on web-1").wait_for()
    assert looked.get_by_role("region", name="What you may do").count() == 0


def test_a_release_is_for_a_phone_in_the_dark_too_and_damage_is_told_in_its_place(
    looks: Any, night: OtherPlans
) -> None:
    mia = looks(size=PHONE, dark=True)
    page = mia.open("/plugin/releases/runs/storefront-4.4.0/run-1")
    page.get_by_text("1 review").wait_for()
    parts = "[document.documentElement, document.querySelector('main')]"
    assert page.evaluate(f"{parts}.filter(each => each.scrollWidth > each.clientWidth).length") == 0, "scrolls sideways"
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight"), (
        "something stands below its end"
    )
    mia.expect_no_violations()
    mia.open("/plugin/releases/runs/billing-2.1.0/run-1")
    page.get_by_role("button", name="log of web on web-1").wait_for()
    assert page.evaluate(f"{parts}.filter(each => each.scrollWidth > each.clientWidth).length") == 0, "scrolls sideways"
    mia.picture("release-phone")
    mia.open("/plugin/releases/runs/ledger-9/run-1")
    page.get_by_test_id("sentence").get_by_text("is not intact").wait_for()
    assert page.get_by_role("heading", name="Nodes").count() == 0
    mia.expect_no_violations()


def test_nodes_are_searched_and_each_tells_its_own_story(looks: Any, night: OtherPlans) -> None:
    mia = looks()
    page = mia.open()
    lanes(page)
    page.get_by_role("navigation", name="Pages of deployplan").get_by_role("link", name="Nodes").press("Enter")
    page.wait_for_url("**/plugin/releases/nodes")
    page.get_by_role("heading", name="Nodes", exact=True).wait_for()
    page.get_by_text("3 of 3 nodes").wait_for()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="web-1"))
    assert "billing-2.1.0 run-1 since" in row.inner_text()
    assert "Not known: ledger-9 run-1" in row.inner_text()
    mia.expect_no_violations()
    mia.expect_to_stand_at_twice_the_size()
    page.get_by_label("search").fill("WEB")
    page.wait_for_url("**/plugin/releases/nodes?q=WEB")
    page.get_by_text("2 of 3 nodes").wait_for()
    page.get_by_label("holder").select_option("somebody")
    page.wait_for_url("**/nodes?q=WEB&holder=somebody")
    page.get_by_text("1 of 3 nodes").wait_for()
    mia.picture("nodes-desk")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    table = Path(download.value.path()).read_text()
    assert [line.split(",")[1] for line in table.splitlines()] == ["node", "web-1"]
    page.get_by_role("link", name="web-1").click()
    page.wait_for_url("**/plugin/releases/nodes/production/web-1")
    page.get_by_role("heading", name=re.compile("Runs on this node")).wait_for()
    assert HOSTILE in page.get_by_role("main").inner_text()
    assert page.evaluate("globalThis.harmed") is None
    mia.expect_no_violations()
    assert mia.broken == []
    assert names_not_given(page) == []


def test_history_says_what_is_where_and_finds_runs_that_are_over(looks: Any, night: OtherPlans) -> None:
    mia = looks()
    page = mia.open("/plugin/releases/history")
    page.get_by_role("heading", name="History", exact=True).wait_for()
    till = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="till"))
    till.wait_for()
    assert "backed out" in till.inner_text()
    page.get_by_text("Missed windows").wait_for()
    page.get_by_label("search").fill("web-1")
    page.wait_for_url("**/plugin/releases/history?q=web-1")
    page.get_by_label("within").select_option("node")
    page.wait_for_url("**/plugin/releases/history?q=web-1&within=node")
    run = page.get_by_role("article", name="payments-3.0.1 run-1")
    run.wait_for()
    assert HOSTILE in run.inner_text()
    assert page.evaluate("globalThis.harmed") is None
    mia.picture("history-desk")
    mia.expect_no_violations()
    mia.expect_to_stand_at_twice_the_size()
    assert names_not_given(page) == []
    page.get_by_label("outcome").select_option("backed_out")
    page.wait_for_url("**/history?q=web-1&within=node&outcome=backed_out")
    run.get_by_role("link", name="payments-3.0.1").press("Enter")
    page.wait_for_url("**/plugin/releases/runs/payments-3.0.1/run-1")
    assert mia.broken == []


def test_nodes_and_history_are_for_a_phone_in_the_dark_too(looks: Any, night: OtherPlans) -> None:
    mia = looks(size=PHONE, dark=True)
    page = mia.open("/plugin/releases/nodes?q=web")
    page.get_by_role("article", name="web-1 (production)").wait_for()
    assert page.evaluate(TOO_WIDE) == 0, "the page scrolls sideways"
    mia.picture("nodes-phone")
    mia.expect_no_violations()
    page.get_by_role("article", name="web-1 (production)").get_by_role("link", name="web-1").click()
    page.get_by_role("heading", name=re.compile("Runs on this node")).wait_for()
    assert page.evaluate(TOO_WIDE) == 0, "the page of a node scrolls sideways"
    mia.expect_no_violations()
    page.get_by_role("navigation", name="Pages of deployplan").get_by_role("link", name="History").click()
    page.get_by_role("article", name="payments-3.0.1 run-1").wait_for()
    page.locator("main section li").first.wait_for()
    assert page.evaluate(TOO_WIDE) == 0, "the history scrolls sideways"
    mia.picture("history-phone")
    mia.expect_no_violations()


def test_all_is_held_with_a_reason_and_who_may_only_look_is_told_on_every_page(looks: Any, night: OtherPlans) -> None:
    page = looks("olga").open()
    lanes(page)
    page.get_by_role("button", name="Hold all…").click()
    page.get_by_label("Why?").fill("network works")
    page.get_by_role("button", name="Hold all", exact=True).click()
    page.get_by_role("button", name="Resume all…").wait_for()
    hold = HoldSwitch(settings().records).state()
    assert hold is not None
    assert (hold.by, hold.reason) == ("olga", "network works")
    vic = looks("vic", "VIEWER")
    home = vic.open("/")
    home.get_by_text(f"Everything is {hold}").wait_for()
    home.get_by_text("1 release runs").wait_for()
    home.get_by_role("link", name="Releases").last.click()
    assert lanes(home)["Waiting (1)"] == ["storefront-4.4.0"]
    assert home.get_by_role("button", name="Resume all…").count() == 0
    assert home.get_by_role("link", name="Answer").count() == 0
    assert home.get_by_role("link", name="See the question").count() == 1
    page.get_by_role("button", name="Resume all…").click()
    page.get_by_label("Why?").fill("works are over")
    page.get_by_role("button", name="Resume all", exact=True).click()
    page.get_by_role("button", name="Hold all…").wait_for()
    assert HoldSwitch(settings().records).state() is None


def test_the_calendar_says_what_happens_when_and_where_a_plan_fits(looks: Any, night: OtherPlans) -> None:
    mia = looks()
    page = mia.open()
    page.get_by_role("link", name="Calendar", exact=True).click()
    page.wait_for_url("**/plugin/releases/calendar")
    page.get_by_text("Times in Europe/Paris").wait_for()
    for plan in ("storefront-4.4.0", "billing-2.1.0"):
        assert page.get_by_role("link", name=plan, exact=True).count() == 1, plan
    assert "conflict with" in page.locator("main").inner_text()
    mia.expect_no_violations()
    mia.expect_to_stand_at_twice_the_size()
    mia.picture("calendar-week")
    # Every choice is kept in the address, and is reached by the keyboard alone.
    page.get_by_label("zone").focus()
    page.get_by_label("zone").select_option("UTC")
    page.get_by_text("Times in UTC").wait_for()
    assert page.evaluate("document.activeElement.id") == "deployplan-calendar-zone"
    page.get_by_label("plan", exact=True).select_option("storefront-4.4.0")
    page.get_by_text(re.compile("^. (storefront-4.4.0 fits from|no slot for storefront-4.4.0)")).wait_for()
    page.get_by_label("scale").select_option("month")
    page.get_by_role("list", name="Days of the month").wait_for()
    page.wait_for_url("**/calendar?zone=UTC&plan=storefront-4.4.0&scale=month")
    mia.expect_no_violations()
    mia.picture("calendar-month")
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download as iCalendar file").click()
    assert "BEGIN:VCALENDAR" in Path(downloaded.value.path()).read_text()
    assert mia.broken == []
    assert page.evaluate("globalThis.harmed") is None
    phone = looks(size=PHONE, dark=True)
    page = phone.open("/plugin/releases/calendar")
    page.get_by_text("Times in Europe/Paris").wait_for()
    parts = "[document.documentElement, document.querySelector('main')]"
    assert page.evaluate(f"{parts}.filter(each => each.scrollWidth > each.clientWidth).length") == 0
    phone.expect_no_violations()
    phone.picture("calendar-phone")


def test_a_plan_is_read_on_its_page_and_in_its_tab(looks: Any, night: OtherPlans) -> None:
    (night.include.plans / "misspelt-1.yaml").write_text("plan: misspelt-1\nfollows: shop\napprovel: {}\n")
    mia = looks()
    page = mia.open("/plugin/releases/plans")
    page.get_by_role("region", name="plans/misspelt-1.yaml").get_by_text("approvel: {}").first.wait_for()
    mia.expect_no_violations()
    page.get_by_role("link", name="storefront-4.4.0").click()
    page.wait_for_url("**/plugin/releases/plans/storefront-4.4.0")
    page.get_by_text("Compared with run run-1, which is under way.").wait_for()
    page.get_by_text("The digests are the same").wait_for()
    page.get_by_role("heading", name="Worst case").wait_for()
    page.get_by_text(re.compile("^(no problems|[0-9]+ (error|warning))")).wait_for()
    mia.expect_no_violations()
    mia.picture("plan-desk")
    phone = looks(size=PHONE, dark=True)
    page = phone.open("/plugin/releases/plans/storefront-4.4.0")
    page.get_by_role("heading", name="Worst case").wait_for()
    parts = "[document.documentElement, document.querySelector('main')]"
    assert page.evaluate(f"{parts}.filter(each => each.scrollWidth > each.clientWidth).length") == 0
    phone.expect_no_violations()
    phone.picture("plan-phone")
    assert mia.broken == phone.broken == []
    (night.include.plans / "misspelt-1.yaml").unlink()
