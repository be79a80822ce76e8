from dataclasses import dataclass
@dataclass(frozen=True, slots=True)
class LockoutPolicy:
    free_failures: int=5; first_delay_seconds: int=30; longest_delay_seconds: int=3600; budget: int=20; refill_seconds: int=86_400; hard_cap: int=100
@dataclass(frozen=True, slots=True)
class Counters:
    consecutive_failures: int = 0; last_failure_at: int = 0; budget_full_at: int = 0
@dataclass(frozen=True, slots=True)
class Lock:
    reason: str; until: int|None
    def retry_after(self, now): return None if self.until is None else max(1, self.until-now)
def lock_of(c, p, *, now):
    if c.consecutive_failures >= p.hard_cap: return Lock("cap", None)
    locks=[]
    if c.consecutive_failures >= p.free_failures:
        locks.append(Lock("burst", c.last_failure_at + min(p.longest_delay_seconds, p.first_delay_seconds * 2 ** min(30, c.consecutive_failures - p.free_failures))))
    locks.append(Lock("budget", c.budget_full_at - (p.budget-1)*p.refill_seconds))
    locks=[l for l in locks if l.until>now]
    return max(locks, key=lambda l: l.until) if locks else None
def after_failure(c, p, *, now):
    return Counters(c.consecutive_failures+1, now, max(c.budget_full_at, now)+p.refill_seconds)
def after_success(c, p, *, now, refund):
    return Counters(0, c.last_failure_at, max(now, c.budget_full_at - refund*p.refill_seconds) if refund else c.budget_full_at)
