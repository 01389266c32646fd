"""The scripts that the Redis index runs: publish keys and look at holders in one step; erase."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1
from typing import Any, Final

from redis.exceptions import NoScriptError

__all__ = ["ERASE", "LOOK", "PUBLISH", "WRITE", "run_script"]

LOOK: Final = 0
WRITE: Final = 2
"""What `PUBLISH` does beside both (1), its first argument."""

PUBLISH: Final = """
-- KEYS  the bucket that entry i is written to, for i = 1..n; then the buckets of each other
--       generation in the same order
-- ARGV  1 look (0), write and look (1) or write only (2); 2 cap; 3 limit above which an entry is
--       boilerplate (0: none); 4 when a new bucket expires (Unix seconds, 0: never); 5 n entries
--       of 8 bytes in one string, field and number
-- A value holds 4 bytes a member, up to the cap; a capped one ends with 4 bytes that count all.
-- Returns for entries with other holders: index, members, how many there are in all.
local write, cap = ARGV[1] ~= '0', tonumber(ARGV[2])
local look = ARGV[1] ~= '2'
local limit, expires = tonumber(ARGV[3]), tonumber(ARGV[4])
local full = 4 * cap
local entries = ARGV[5]
local n = #entries / 8
local found, out = 0, {}
local call, cut = redis.call, string.sub

local function total(value)
  if #value <= full then return #value / 4 end
  return struct.unpack('>I4', value, full + 1)
end

local function others(value, own)
  local stop = math.min(#value, full)
  for at = 1, stop, 4 do
    if cut(value, at, at + 3) == own then
      return cut(value, 1, at - 1) .. cut(value, at + 4, stop), true
    end
  end
  return cut(value, 1, stop), false
end

for i = 1, n do
  local field, own = cut(entries, 8 * i - 7, 8 * i - 4), cut(entries, 8 * i - 3, 8 * i)
  local members, all = '', 0
  local fresh = write and call('HSETNX', KEYS[i], field, own) == 1
  if fresh then
    if expires > 0 and call('HLEN', KEYS[i]) == 1 then
      call('EXPIREAT', KEYS[i], expires)
    end
  end
  local value = not fresh and call('HGET', KEYS[i], field)
  if value then
    local rest, present = others(value, own)
    members, all = rest, total(value)
    if present then
      all = all - 1
    elseif write then
      if #value < full then
        call('HSET', KEYS[i], field, value .. own)
      else
        call('HSET', KEYS[i], field, cut(value, 1, full) .. struct.pack('>I4', all + 1))
      end
    end
  end
  for at = i + n, look and #KEYS or 0, n do
    local older = call('HGET', KEYS[at], field)
    if older then
      local rest, present = others(older, own)
      members = members .. rest
      all = all + total(older) - (present and 1 or 0)
    end
  end
  if look and all > 0 then
    if limit > 0 and all >= limit then members = '' end
    out[found + 1], out[found + 2], out[found + 3] = i, members, all
    found = found + 3
  end
end
return out
"""

ERASE: Final = """
-- KEYS  the bucket of entry i, for i = 1..n
-- ARGV  1 cap; 2 n entries of 8 bytes in one string, field and number
-- Takes the number out of the members of the field; where the bucket is above the cap, 0 (nobody's
-- number) stands for it, so that those who were only counted stay counted.
local full = 4 * tonumber(ARGV[1])
for i = 1, #KEYS do
  local entry = string.sub(ARGV[2], 8 * i - 7, 8 * i)
  local field, own = string.sub(entry, 1, 4), string.sub(entry, 5, 8)
  local value = redis.call('HGET', KEYS[i], field) or ''
  for at = 1, math.min(#value, full), 4 do
    if string.sub(value, at, at + 3) == own then
      local before, after = string.sub(value, 1, at - 1), string.sub(value, at + 4)
      if #value > full then
        local all = struct.unpack('>I4', value, full + 1)
        after = struct.pack('>I4', 0) .. string.sub(value, at + 4, full)
        after = after .. struct.pack('>I4', all - 1)
      end
      if #before + #after == 0 then
        redis.call('HDEL', KEYS[i], field)
      else
        redis.call('HSET', KEYS[i], field, before .. after)
      end
      break
    end
  end
end
return {}
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
