-- Which page each of wrk's requests asks for: `wrk -s requests.lua URL -- PAGES OFFSET THREADS`.
-- distinct: another one each time, the same list for every server; zipf: of 1,000, the nth n times as rarely as the first.
-- bench/pages.py holds the same two lists in Python; a test compares them.

local PATH = "/api/movies?limit=10&sort=votes&votes__gte="
local SPAN, STRIDE, PAGES = 990000, 7919, 1000
local started = 0

function setup(thread)
   thread:set("number", started)
   started = started + 1
end

local function distinct(offset, threads)
   local index = offset + number - threads
   return function()
      index = index + threads
      return index * STRIDE % SPAN
   end
end

local function zipf(offset)
   local bounds, sum = {}, 0
   for rank = 1, PAGES do
      sum = sum + 1 / rank
      bounds[rank] = sum
   end
   math.randomseed(offset + number)
   return function()
      local point, low, high = math.random() * sum, 1, PAGES
      while low < high do
         local middle = math.floor((low + high) / 2)
         if bounds[middle] < point then low = middle + 1 else high = middle end
      end
      return low * STRIDE % PAGES * (SPAN / PAGES)
   end
end

function init(args)
   local make = args[1] == "zipf" and zipf or distinct
   next_page = make(tonumber(args[2]), tonumber(args[3]))
end

function request()
   return wrk.format(nil, PATH .. string.format("%d", next_page()))
end
