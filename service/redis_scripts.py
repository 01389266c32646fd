"""The scripts that the Redis index runs: crowded keys, erasing, tidying; appending on a cluster.

A bucket is a string of entries of seven bytes, a field and the number of a text. Above the cap the
number beside a field is a mark, `h`: the members stand in a sorted set beside the bucket, by the
order of their id hashes; of a key of more members than the limit there is only the mark `s`. What
was appended behind a mark waits for its writer, who asks `CROWDED` next. The order of the first
members is in records that are on other nodes of a cluster, so it is the caller who brings it.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1
from typing import Any, Final

from redis.exceptions import NoScriptError

__all__ = ["APPEND", "CROWDED", "ERASE", "LOOK", "PUBLISH", "TIDY", "WRITE", "run_script"]

LOOK: Final = 0
PUBLISH: Final = 1
WRITE: Final = 2
"""What is done with keys: look for other holders, write and look, write only."""

_ENTRIES: Final = """
local call, cut, find = redis.call, string.sub, string.find
local H, S = string.rep('\\255', 4), string.rep('\\255', 3) .. '\\254'
-- the members of a field but `own`, whether that is among them, its mark, all entries of others
local function read(value, field, own)
  local members, rest, present, mark, last = {}, {}, false, nil, 1
  local at = find(value, field, 1, true)
  while at do
    if at % 7 == 1 then
      local member = cut(value, at + 3, at + 6)
      if member == H or member == S then mark = member
      elseif member == own then present = true
      else members[#members + 1] = member end
      rest[#rest + 1] = cut(value, last, at - 1)
      last = at + 7
      at = find(value, field, last, true)
    else
      at = find(value, field, at + 1, true)
    end
  end
  rest[#rest + 1] = cut(value, last)
  return members, present, mark, table.concat(rest)
end
local function put(bucket, value)
  if value == '' then call('DEL', bucket) else call('SET', bucket, value, 'KEEPTTL') end
end
"""

APPEND: Final = """
-- KEYS  buckets
-- ARGV  for each: what is appended, when the bucket expires if it is new (Unix seconds, 0: never)
-- Returns what the buckets hold then.
for i = 1, #KEYS do
  local entries, expires = ARGV[2 * i - 1], ARGV[2 * i]
  if entries ~= '' and redis.call('APPEND', KEYS[i], entries) == #entries and expires ~= '0' then
    redis.call('EXPIREAT', KEYS[i], expires)
  end
end
return redis.call('MGET', unpack(KEYS))
"""

TIDY: Final = """
-- KEYS  buckets
-- ARGV  for each, when it expires (Unix seconds, 0: never)
-- Of entries that stand twice in a bucket the first is left.
for i = 1, #KEYS do
  local value, seen, left = redis.call('GET', KEYS[i]) or '', {}, {}
  for at = 1, #value, 7 do
    local entry = string.sub(value, at, at + 6)
    if not seen[entry] then
      seen[entry] = true
      left[#left + 1] = entry
    end
  end
  if 7 * #left < #value then redis.call('SET', KEYS[i], table.concat(left), 'KEEPTTL') end
  if ARGV[i] ~= '0' then redis.call('EXPIREAT', KEYS[i], ARGV[i]) end
end
return {}
"""

CROWDED: Final = f"""
-- KEYS  for entry i = 1..n and each generation, its own first: the bucket, the set beside it
-- ARGV  1 look (0), write and look (1) or write only (2); 2 cap; 3 limit above which an entry is
--       boilerplate (0: none); 4 when a new bucket expires (Unix seconds, 0: never); 5 n entries
--       of 7 bytes in one string, field and number; then the score of each entry; then numbers (4
--       bytes) and their scores, empty for a text that was removed
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
{_ENTRIES}
local function admit(bucket, set, field, own, score)
  local value = call('GET', bucket) or ''
  local members, present, mark, rest = read(value, field, own)
  if mark == S then
    if present or #members > 0 then put(bucket, rest .. field .. S) end
    return ''
  end
  if not mark and #members < cap then
    if not present and call('APPEND', bucket, field .. own) == 7 and expires > 0 then
      call('EXPIREAT', bucket, expires)
    end
    return ''
  end
  if not mark then
    local unknown = {{}}
    for _, member in ipairs(members) do
      if not known[member] then unknown[#unknown + 1] = member end
    end
    if #unknown > 0 then return table.concat(unknown) end
  end
  rest = {{ rest, field .. H }}
  for _, member in ipairs(members) do
    local order = known[member]
    if not order then
      rest[#rest + 1] = field .. member
    elseif order ~= '' then
      call('ZADD', set, order, member)
    end
  end
  call('ZADD', set, score, own)
  if expires > 0 then call('EXPIREAT', set, expires) end
  if limit > 0 and call('ZCARD', set) > limit then
    call('UNLINK', set)
    rest = {{ rest[1], field .. S }}
  end
  put(bucket, table.concat(rest))
  return ''
end

local function holders(bucket, set, field, own, score)
  local members, _, mark = read(call('GET', bucket) or '', field, own)
  if mark == S then return '', limit end
  if not mark then return table.concat(members), #members end
  local all = call('ZCARD', set)
  if call('ZSCORE', set, own) then all = all - 1 end
  local last = cap - 1
  if call('ZCOUNT', set, '-inf', '(' .. score) < cap then last = -1 end
  local told = {{}}
  for _, member in ipairs(call('ZRANGE', set, 0, last)) do
    if member ~= own then told[#told + 1] = member end
  end
  for _, member in ipairs(members) do
    if not call('ZSCORE', set, member) then
      told[#told + 1] = member
      all = all + 1
    end
  end
  return table.concat(told), all
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
{_ENTRIES}
for i = 1, n do
  local field, own = cut(entries, 7 * i - 6, 7 * i - 4), cut(entries, 7 * i - 3, 7 * i)
  local members, present, mark, rest = read(call('GET', KEYS[i]) or '', field, own)
  if mark == H then
    call('ZREM', KEYS[n + i], own)
    present = present or call('EXISTS', KEYS[n + i]) == 0
    if call('EXISTS', KEYS[n + i]) == 1 then rest = rest .. field .. H end
  elseif mark == S then
    rest = rest .. field .. S
  end
  if present then
    for _, member in ipairs(members) do rest = rest .. field .. member end
    put(KEYS[i], rest)
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
