"""The scripts that the Redis index runs: publish keys and look at holders in one step; erase.

A key is a field of a bucket. Up to the cap its value holds 4 bytes a member, whose order is of no
account. Above the cap the value is `h` and the members stand in a sorted set beside the bucket, by
the order of their id hashes; of a key of more members than the limit there is only `s`. The order
of the first members is in records that are on other nodes of a cluster, so it is the caller who
brings it: `PUBLISH` says where a key is at its cap, and `CROWDED` is asked next.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1
from typing import Any, Final

from redis.exceptions import NoScriptError

__all__ = ["CROWDED", "ERASE", "LOOK", "PUBLISH", "WRITE", "run_script"]

LOOK: Final = 0
WRITE: Final = 2
"""What `PUBLISH` and `CROWDED` do beside both (1), their first argument."""

_REST: Final = """
local call, cut = redis.call, string.sub
local function others(value, own)
  for at = 1, #value, 4 do
    if cut(value, at, at + 3) == own then
      return cut(value, 1, at - 1) .. cut(value, at + 4), true
    end
  end
  return value, false
end
"""

PUBLISH: Final = f"""
-- KEYS  the bucket that entry i is written to, for i = 1..n; then the buckets of each other
--       generation in the same order
-- ARGV  1 look (0), write and look (1) or write only (2); 2 cap; 3 limit above which an entry is
--       boilerplate (0: none); 4 when a new bucket expires (Unix seconds, 0: never); 5 n entries
--       of 7 bytes in one string, field and number
-- Returns for entries with other holders: index, members, how many there are in all; -1 where
-- nothing was done and CROWDED has to be asked.
local write, cap = ARGV[1] ~= '0', tonumber(ARGV[2])
local look = ARGV[1] ~= '2'
local limit, expires = tonumber(ARGV[3]), tonumber(ARGV[4])
local entries = ARGV[5]
local n = #entries / 7
local found, out = 0, {{}}
{_REST}
for i = 1, n do
  local field, own = cut(entries, 7 * i - 6, 7 * i - 4), cut(entries, 7 * i - 3, 7 * i)
  local members, all, crowded = '', 0, false
  local fresh = write and call('HSETNX', KEYS[i], field, own) == 1
  if fresh then
    if expires > 0 and call('HLEN', KEYS[i]) == 1 then
      call('EXPIREAT', KEYS[i], expires)
    end
  end
  local value = not fresh and call('HGET', KEYS[i], field)
  if value == 'h' then
    crowded = true
  elseif value == 's' then
    all = limit
  elseif value then
    local rest, present = others(value, own)
    members, all = rest, #rest / 4
    if write and not present then
      if #value < 4 * cap then
        call('HSET', KEYS[i], field, value .. own)
      else
        crowded = true
      end
    end
  end
  for at = i + n, look and #KEYS or 0, n do
    local older = call('HGET', KEYS[at], field)
    if older == 'h' then
      crowded = true
    elseif older == 's' then
      all = all + limit
    elseif older then
      local rest = others(older, own)
      members = members .. rest
      all = all + #rest / 4
    end
  end
  if crowded then
    members, all = '', -1
  elseif limit > 0 and all >= limit then
    members = ''
  end
  if crowded or (look and all > 0) then
    out[found + 1], out[found + 2], out[found + 3] = i, members, all
    found = found + 3
  end
end
return out
"""

CROWDED: Final = f"""
-- KEYS  for entry i = 1..n and each generation, its own first: the bucket, the set beside it
-- ARGV  1 to 5 as in PUBLISH; then the score of each entry; then numbers (4 bytes) and their
--       scores, empty for a text that was removed
-- Returns for each entry with other holders: index, the members to pair it with, how many there are
-- in all: every one where the entry is among the `cap` of lowest score, else those. -1 where
-- nothing was done because the scores of these members have to be known first.
local write, cap = ARGV[1] ~= '0', tonumber(ARGV[2])
local look = ARGV[1] ~= '2'
local limit, expires = tonumber(ARGV[3]), tonumber(ARGV[4])
local entries = ARGV[5]
local n = #entries / 7
local width = #KEYS / n
local known, found, out = {{}}, 0, {{}}
for at = 6 + n, #ARGV, 2 do known[ARGV[at]] = ARGV[at + 1] end
{_REST}
local function admit(bucket, set, field, own, score)
  local value = call('HGET', bucket, field) or ''
  if value == 's' then return '' end
  if value ~= 'h' then
    local _, present = others(value, own)
    if present then return '' end
    if #value < 4 * cap then
      call('HSET', bucket, field, value .. own)
      if expires > 0 and call('HLEN', bucket) == 1 then
        call('EXPIREAT', bucket, expires)
      end
      return ''
    end
    local unknown = ''
    for at = 1, #value, 4 do
      local member = cut(value, at, at + 3)
      if not known[member] then unknown = unknown .. member end
    end
    if unknown ~= '' then return unknown end
    for at = 1, #value, 4 do
      local member = cut(value, at, at + 3)
      if known[member] ~= '' then call('ZADD', set, known[member], member) end
    end
    call('HSET', bucket, field, 'h')
  end
  call('ZADD', set, score, own)
  if expires > 0 then call('EXPIREAT', set, expires) end
  if limit > 0 and call('ZCARD', set) > limit then
    call('UNLINK', set)
    call('HSET', bucket, field, 's')
  end
  return ''
end

local function holders(bucket, set, field, own, score)
  local value = call('HGET', bucket, field) or ''
  if value == 's' then return '', limit end
  if value ~= 'h' then
    local rest = others(value, own)
    return rest, #rest / 4
  end
  local all = call('ZCARD', set)
  if call('ZSCORE', set, own) then all = all - 1 end
  local last = cap - 1
  if call('ZCOUNT', set, '-inf', '(' .. score) < cap then last = -1 end
  local members = call('ZRANGE', set, 0, last)
  for at = 1, #members do
    if members[at] == own then
      table.remove(members, at)
      break
    end
  end
  return table.concat(members), all
end

for i = 1, n do
  local field, own = cut(entries, 7 * i - 6, 7 * i - 4), cut(entries, 7 * i - 3, 7 * i)
  local score = ARGV[5 + i]
  local first = (i - 1) * width + 1
  local members, all = '', 0
  if write then members = admit(KEYS[first], KEYS[first + 1], field, own, score) end
  if members ~= '' then
    all = -1
  elseif look then
    for at = first, first + width - 1, 2 do
      local some, count = holders(KEYS[at], KEYS[at + 1], field, own, score)
      members, all = members .. some, all + count
    end
    if limit > 0 and all >= limit then members = '' end
  end
  if all ~= 0 then
    out[found + 1], out[found + 2], out[found + 3] = i, members, all
    found = found + 3
  end
end
return out
"""

ERASE: Final = f"""
-- KEYS  the bucket of entry i, for i = 1..n; then the sets beside them
-- ARGV  1 n entries of 7 bytes in one string, field and number
-- Takes the number out of the members of the field.
local entries = ARGV[1]
local n = #entries / 7
{_REST}
for i = 1, n do
  local field, own = cut(entries, 7 * i - 6, 7 * i - 4), cut(entries, 7 * i - 3, 7 * i)
  local value = call('HGET', KEYS[i], field)
  if value == 'h' then
    call('ZREM', KEYS[n + i], own)
    if call('EXISTS', KEYS[n + i]) == 0 then call('HDEL', KEYS[i], field) end
  elseif value and value ~= 's' then
    local rest, present = others(value, own)
    if present and rest == '' then
      call('HDEL', KEYS[i], field)
    elseif present then
      call('HSET', KEYS[i], field, rest)
    end
  end
end
return {{}}
"""


def run_script(redis: Any, script: str, commands: Sequence[Sequence[Any]]) -> list[Any]:  # noqa: ANN401 - either client
    """The replies of all calls; a server that does not know the script is given it."""
    sha = sha1(script.encode(), usedforsecurity=False).hexdigest()
    try:
        return _send(redis, sha, commands)
    except NoScriptError:
        redis.script_load(script)  # on every node of a cluster
        return _send(redis, sha, commands)


def _send(redis: Any, sha: str, commands: Sequence[Sequence[Any]]) -> list[Any]:  # noqa: ANN401
    with redis.pipeline(transaction=False) as pipe:
        for command in commands:
            pipe.execute_command("EVALSHA", sha, *command)
        return list(pipe.execute()) if commands else []
