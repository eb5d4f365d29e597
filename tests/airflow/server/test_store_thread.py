"""A record store that hangs holds up those who ask it, for a while; what it was asked is done when it wakes."""

import asyncio
import threading

import pytest

from deployplan.airflow_glue.server.store_thread import MOST_ASKED, THREADS, StoreSilent, StoreThreads

pytestmark = pytest.mark.airflow


async def test_what_waits_for_the_store_is_given_up_after_its_time_and_done_all_the_same_when_it_wakes() -> None:
    store, wakes, done = StoreThreads(), threading.Event(), list[int]()

    def keep(number: int) -> None:
        assert wakes.wait(60)
        done.append(number)

    asked = [asyncio.create_task(store.ask(keep, number, within=0.2)) for number in range(4 * THREADS)]
    given_up = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(each) for each in given_up} == {StoreSilent}
    assert await asyncio.to_thread(lambda: "other threads are free") == "other threads are free"
    wakes.set()
    assert await store.ask(lambda: "answers", within=60) == "answers"
    async with asyncio.timeout(60):
        while len(done) < 4 * THREADS:
            await asyncio.sleep(0.02)
    assert sorted(done) == list(range(4 * THREADS))


async def test_no_more_than_so_many_wait_at_once() -> None:
    store, wakes = StoreThreads(), threading.Event()
    asked = [asyncio.create_task(store.ask(wakes.wait, 60)) for _ in range(MOST_ASKED)]
    await asyncio.sleep(0)
    with pytest.raises(StoreSilent, match=f"{MOST_ASKED} requests wait for it"):
        await store.ask(wakes.wait, 60)
    wakes.set()
    assert set(await asyncio.gather(*asked)) == {True}
    assert await store.ask(lambda: "answers") == "answers"


async def test_what_goes_wrong_there_is_told_to_who_asked() -> None:
    with pytest.raises(ZeroDivisionError):
        await StoreThreads().ask(lambda: 1 // 0)
