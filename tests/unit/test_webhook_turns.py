"""Who gets a worker's threads, and how many: stores take turns, and what hangs gets less."""

import threading

from app.webhooks.budgets import AT_FIRST, MOST, Budgets
from app.webhooks.posts import Posts
from app.webhooks.wakes import Wakes

KEY = (1, 1)


def test_a_store_never_has_more_than_its_share_and_another_is_served_meanwhile() -> None:
    posts, held, served = Posts(threads=4, share=2), threading.Event(), threading.Event()
    running, most, over, lock = 0, 0, threading.Semaphore(0), threading.Lock()

    def hang() -> None:
        nonlocal running, most
        with lock:
            running, most = running + 1, max(most, running + 1)
        held.wait(10)
        with lock:
            running -= 1
        over.release()

    for _ in range(20):
        posts.add(1, hang)
    posts.add(2, served.set)

    assert served.wait(10)
    held.set()
    assert all(over.acquire(timeout=10) for _ in range(20))
    assert posts.stop(10)
    assert most == 2


def test_stores_take_turns() -> None:
    posts, order, free = Posts(threads=1, share=1), list[int](), threading.Event()
    posts.add(9, lambda: free.wait(10) and None)
    for store_id in (1, 1, 1, 2, 2):
        posts.add(store_id, lambda store_id=store_id: order.append(store_id))
    over = threading.Event()
    posts.add(3, over.set)
    free.set()
    assert over.wait(10)
    while len(order) < 5:
        over.wait(0.001)

    assert order == [1, 2, 1, 2, 1]


def test_what_waits_when_it_is_stopped_is_done_by_who_stops() -> None:
    posts, free, done = Posts(threads=1, share=1), threading.Event(), list[str]()
    begun = threading.Event()

    def hang() -> None:
        begun.set()
        free.wait(10)

    posts.add(1, hang)
    assert begun.wait(10)
    posts.add(1, lambda: done.append(threading.current_thread().name))

    assert not posts.stop(0.01)
    assert done == [threading.current_thread().name]
    free.set()
    assert posts.stop(10)


def test_a_webhook_that_is_quick_gets_more_at_once_up_to_a_limit() -> None:
    budgets = Budgets()
    assert budgets.free(KEY) == AT_FIRST
    for _ in range(2 * MOST):
        budgets.take(KEY, 1)
        budgets.give(KEY, 0.01, heard=True)
    assert budgets.free(KEY) == MOST
    assert budgets.free((1, 2)) == AT_FIRST


def test_one_that_is_slow_gets_less_but_never_nothing() -> None:
    budgets = Budgets()
    for _ in range(20):
        budgets.take(KEY, 1)
        budgets.give(KEY, 15.0)
    assert budgets.free(KEY) == 1
    budgets.take(KEY, 1)
    assert budgets.free(KEY) == 0
    assert not budgets.is_low(KEY)


def test_a_store_that_is_named_often_is_looked_at_once_and_again_if_it_is_named_meanwhile() -> None:
    wakes = Wakes()
    for store_id in (1, 2, 1, 1):
        wakes.add(store_id)
    assert wakes.take() == 1
    wakes.add(1)
    wakes.add(1)
    assert wakes.take() == 2
    wakes.done(1)
    assert wakes.take() == 1
    wakes.done(1)
    wakes.close()
    assert wakes.take() is None
