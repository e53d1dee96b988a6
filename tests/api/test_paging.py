"""A scan gives every row of a list, in order, also of a list that moves, lies or stops short."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import itemgetter

import pytest

from ecwid_api.errors import ProtocolError
from ecwid_api.paging import CompleteScan, IncompleteError, Listing, Scan
from ecwid_api.request import Request
from operations import make_operation


class ListOfRows:
    """Answers pages of a list, as a client would; something may happen before each answer."""

    def __init__(self, rows, *, most=100, total=None, before=lambda rows, n: None):
        self.rows = list(rows)
        self.most = most
        self.total = total
        self.before = before
        self.asked = []
        self.lock = threading.Lock()

    def send(self, request):
        query = request.query
        with self.lock:
            self.asked.append(query["offset"])
            self.before(self.rows, len(self.asked))
            found = self.rows[query["offset"] :][: min(self.most, query["limit"])]
            total = len(self.rows) if self.total is None else self.total
            return {"total": total, "items": [{"id": i} for i in found]}


@pytest.fixture
def scan():
    with ThreadPoolExecutor(8) as executor:

        def make(rows, *, limit=100, ahead=8, **options):
            listing = Listing(Request(operation=make_operation()), limit)
            return Scan(listing, partial(executor.submit, rows.send), ahead=ahead, **options)

        yield make


def ids(scan, **options):
    return [row["id"] for page in scan.pages(**options) for row in page.items]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250, 1000, 2345])
def test_every_row_comes_once_and_in_order(scan, count):
    assert ids(scan(ListOfRows(range(count)))) == list(range(count))


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (37, 1), (150, 2), (250, 3), (299, 3)])
def test_no_page_is_asked_for_in_vain(scan, count, requests):
    rows = ListOfRows(range(count))
    ids(scan(rows))
    assert len(rows.asked) == requests


def test_pages_are_read_at_the_same_time(scan):
    together = threading.Barrier(4, timeout=10)

    class Waiting(ListOfRows):
        def send(self, request):
            if request.query["offset"] in {100, 200, 300, 400}:
                together.wait()
            return super().send(request)

    assert ids(scan(Waiting(range(450)))) == list(range(450))


def test_no_more_pages_are_under_way_than_wanted(scan):
    rows = ListOfRows(range(5000))
    begun = scan(rows, ahead=3)
    pages = begun.pages()
    next(pages)
    next(pages)
    assert len(rows.asked) <= 2 + 3
    pages.close()


@pytest.mark.parametrize("seed", range(100))
def test_a_row_that_stays_is_never_missed_while_others_leave(scan, seed):
    chance = random.Random(seed)
    left = set()

    def before(rows, _):
        for _ in range(chance.choice([0, 0, 0, 1, 5])):
            if rows:
                left.add(rows.pop(chance.randrange(len(rows))))

    given = ids(scan(ListOfRows(range(900), before=before), ahead=chance.randint(1, 8)))
    assert set(range(900)) - left <= set(given)


@pytest.mark.parametrize("seed", range(100))
def test_a_row_that_stays_is_never_missed_while_others_come_and_go(scan, seed):
    chance = random.Random(seed)
    left = set()
    coming = iter(range(900, 100_000))

    def before(rows, _):
        for _ in range(chance.choice([0, 0, 0, 1, 5])):
            left.add(rows.pop(chance.randrange(len(rows))))
            # As many come, anywhere: no total tells.
            rows.insert(chance.choice([chance.randrange(len(rows)), len(rows)]), next(coming))

    rows = ListOfRows(range(900), before=before)
    given = ids(
        scan(rows, ahead=chance.randint(1, 8), limit=chance.randint(10, 100), key=itemgetter("id"))
    )
    assert set(range(900)) - left <= set(given)


@pytest.mark.parametrize("limit", [1, 2, 3, 50, 100])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 199, 250])
@pytest.mark.parametrize("total", [None, 0, 60, 1_000_000])
def test_with_keys_every_row_comes_in_order(scan, count, limit, total):
    rows = ListOfRows(range(count), total=total)
    given = ids(scan(rows, limit=limit, key=itemgetter("id")))
    assert list(dict.fromkeys(given)) == list(range(count))
    assert total is not None or len(given) == count
    assert len(rows.asked) <= 3 * (count // limit) + 25


@pytest.mark.parametrize("seed", range(50))
def test_a_row_that_moves_to_the_end_when_it_changes_is_never_missed(scan, seed):
    chance = random.Random(seed)

    def before(rows, _):
        for _ in range(chance.choice([0, 1, 3])):
            number, version = rows.pop(chance.randrange(len(rows)))
            rows.append((number, version + 1))

    rows = ListOfRows([(n, 0) for n in range(90)], before=before)
    given = ids(scan(rows, ahead=chance.randint(1, 8), limit=7, key=itemgetter("id")))
    assert {number for number, _ in given} == set(range(90))


def test_with_keys_rows_that_leave_far_behind_don_t_hold_up_the_reader(scan):
    def before(rows, _):
        del rows[0]

    rows = ListOfRows(range(5000), before=before)
    given = ids(scan(rows, ahead=1, key=itemgetter("id")))
    assert set(range(len(rows.asked), 5000)) <= set(given)
    assert len(rows.asked) < 120


def test_a_server_with_a_lower_limit_is_read_whole(scan):
    assert sorted(set(ids(scan(ListOfRows(range(95), most=10))))) == list(range(95))


def test_a_total_that_is_too_low_hides_no_row(scan):
    class Low(ListOfRows):
        def send(self, request):
            answer = super().send(request)
            answer["total"] = request.query["offset"] + len(answer["items"])
            return answer

    assert ids(scan(Low(range(350)))) == list(range(350))


def test_a_total_that_is_too_high_ends_short(scan):
    rows = ListOfRows(range(250), total=1_000_000)
    reading = scan(rows)
    assert sorted(set(ids(reading))) == list(range(250))
    assert "1000000 rows and gives none behind the first 250" in reading.short
    assert len(rows.asked) < 30


@pytest.mark.parametrize("total", [0, 50, 120, 250])
def test_a_total_that_is_always_too_low_hides_no_row_behind_full_pages(scan, total):
    assert ids(scan(ListOfRows(range(350), total=total))) == list(range(350))


@pytest.mark.parametrize("lie", [0, 120, 10_000])
@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_a_total_that_is_wrong_once_hides_no_row(scan, lie, place):
    class Once(ListOfRows):
        def send(self, request):
            answer = super().send(request)
            return answer | {"total": lie} if len(self.asked) == place else answer

    assert sorted(set(ids(scan(Once(range(350)), ahead=1)))) == list(range(350))


def test_a_total_that_jumps_up_and_down_ends(scan):
    class Restless(ListOfRows):
        def send(self, request):
            answer = super().send(request)
            return answer | {"total": 1000 if len(self.asked) % 2 else 2000}

    with pytest.raises(ProtocolError, match="the list moved"):
        ids(scan(Restless(range(2000)), ahead=1))


@pytest.mark.parametrize("row", [7, "x", [], True])
def test_rows_that_are_no_objects_are_an_error(scan, row):
    class Odd:
        def send(self, _):
            return {"total": 2, "items": [{"id": 1}, row]}

    with pytest.raises(ProtocolError, match="not all of 'items' are objects"):
        ids(scan(Odd()))


def test_a_limit_of_rows_asks_for_no_more_pages(scan):
    rows = ListOfRows(range(5000))
    assert len(ids(scan(rows), max_rows=150)) == 200
    assert len(rows.asked) == 2


@pytest.mark.parametrize(
    "answer", [[], {}, {"items": []}, {"total": 3}, {"total": "3", "items": []}]
)
def test_what_is_no_page_is_an_error(scan, answer):
    class Odd:
        def send(self, _):
            return answer

    with pytest.raises(ProtocolError, match="no 'items' and 'total'"):
        ids(scan(Odd()))


def test_waiting_ends_when_the_check_raises(scan):
    release = threading.Event()

    class Slow:
        def send(self, _):
            release.wait(10)
            return {"total": 0, "items": []}

    def check():
        raise InterruptedError

    try:
        with pytest.raises(InterruptedError):
            ids(scan(Slow(), check=check))
    finally:
        release.set()


class Endless:
    """Answers every offset with a full page."""

    def __init__(self, row):
        self.row = row
        self.asked = []

    def send(self, request):
        offset = request.query["offset"]
        self.asked.append(offset)
        items = [{"id": self.row(offset + n, n)} for n in range(request.query["limit"])]
        return {"total": offset + len(items) + 1, "items": items}


@pytest.mark.parametrize("key", [None, itemgetter("id")])
def test_a_list_that_gives_one_page_for_every_offset_is_given_up(scan, key):
    rows = Endless(lambda place, n: n)
    with pytest.raises(ProtocolError, match="the same rows again and again"):
        ids(scan(rows, key=key))
    assert len(rows.asked) < 50


@pytest.mark.parametrize("key", [None, itemgetter("id")])
def test_rows_that_their_reader_changes_are_still_the_same(scan, key):
    rows = Endless(lambda place, n: n)

    def read():
        for page in scan(rows, key=key).pages():
            for row in page.items:
                row["changed"] = len(rows.asked)

    with pytest.raises(ProtocolError, match="the same rows again and again"):
        read()
    assert len(rows.asked) < 50


class Generous(Endless):
    """Says that there are many rows more, whatever there is."""

    def __init__(self, total, *, each=100):
        super().__init__(lambda place, n: place)
        self.total = total
        self.each = each

    def send(self, request):
        answer = super().send(request)
        total = self.total(request.query["offset"])
        return {"total": total, "items": answer["items"][: self.each]}


@pytest.mark.parametrize("key", [None, itemgetter("id")])
@pytest.mark.parametrize("each", [1, 7, 99, 100])
@pytest.mark.parametrize(
    "total",
    [lambda offset: 10**18, lambda offset: offset * 2 + 1000, lambda offset: offset + 101],
    ids=["huge", "doubling", "growing"],
)
def test_a_list_ends_at_the_bound_whatever_it_says(scan, total, each, key):
    rows = Generous(total, each=each)
    with pytest.raises(ProtocolError, match="raise max_list_rows"):
        ids(scan(rows, key=key, most_rows=10_000))
    assert len(rows.asked) < 10_000 / 20 + 20


def test_two_pages_in_turn_end_at_the_bound(scan):
    rows = Endless(lambda place, n: n + place // 100 % 2)
    with pytest.raises(ProtocolError, match="raise max_list_rows"):
        ids(scan(rows, most_rows=5000))


def test_a_list_without_end_is_given_up(scan):
    rows = Endless(lambda place, n: place)
    with pytest.raises(ProtocolError, match="many more rows than it said"):
        ids(scan(rows))
    assert len(rows.asked) < 1100


def whole(scan, rows, key=itemgetter("id"), **options):
    return CompleteScan(lambda: scan(rows, key=key, **options), key, "things")


@pytest.mark.parametrize("rows", [range(1, 250), [*range(250), 7], [], [None] * 3])
@pytest.mark.parametrize("more", [0, 1, 7, 1_000_000])
def test_a_list_that_is_short_each_time_is_read_and_concludes_nothing(scan, rows, more):
    rows = list(rows)
    listed = ListOfRows(rows, total=len(rows) + more)
    reading = whole(scan, listed, lambda row: row["id"])
    given = {row["id"] for page in reading.pages() for row in page.items}
    assert given == set(rows)
    assert ("3 times the same" in reading.short) == (more > 0 or len(rows) == 251)
    assert len(listed.asked) < 60


def test_a_list_that_gives_other_rows_each_time_is_given_up(scan):
    class Restless(ListOfRows):
        def send(self, request):
            if request.query["offset"] == 0:
                self.rows = [n + 1000 for n in self.rows]
            return super().send(request) | {"total": 1_000_000}

    with pytest.raises(IncompleteError, match="changing too fast"):
        list(whole(scan, Restless(range(50))).pages())


def test_a_list_that_is_short_once_is_read_again(scan):
    class Once(ListOfRows):
        def send(self, request):
            answer = super().send(request)
            return answer | {"items": answer["items"][1:]} if len(self.asked) == 1 else answer

    reading = whole(scan, Once(range(50)))
    assert {row["id"] for page in reading.pages() for row in page.items} == set(range(50))
    assert not reading.short
