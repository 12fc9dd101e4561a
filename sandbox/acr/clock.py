"""The service's time: .NET ticks of 100 ns, written with up to seven fractional digits."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PER_SECOND = 10_000_000
_PER_MICROSECOND = 10


def utc_now() -> datetime:
    """Read the present, aware."""
    return datetime.now(UTC)


def ticks(when: datetime, salt: str = "") -> int:
    """Count a moment as ticks since 1970; ``salt`` decides the seventh digit.

    Datetimes end at microseconds, the service does not: the extra digit keeps clients honest that parse six.
    """
    if when.tzinfo is None:
        raise ValueError(f"{when} has no time zone: give an aware datetime")
    seventh = sum(salt.encode()) % _PER_MICROSECOND
    return (when - _EPOCH) // timedelta(microseconds=1) * _PER_MICROSECOND + seventh


def span_ticks(span: timedelta) -> int:
    """Count a span in ticks."""
    return span // timedelta(microseconds=1) * _PER_MICROSECOND


def moment(when: int) -> datetime:
    """Turn ticks into a datetime, cut to microseconds."""
    return _EPOCH + timedelta(microseconds=when // _PER_MICROSECOND)


def stamp(when: int) -> str:
    """Write ticks as the service does: ``2022-07-08T22:49:45.3488926Z``, trailing zeros trimmed."""
    seconds, fraction = divmod(when, _PER_SECOND)
    text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f"{fraction:07d}".rstrip("0")
    return f"{text}.{digits}Z" if digits else f"{text}Z"
