-- OSRM's own profile of cars, with one more choice: to leave out motorways and toll roads at once.
local Set = require('lib/set')
local car = require('car')
local car_setup = car.setup

car.setup = function()
  local settings = car_setup()
  table.insert(settings.excludable, Set {'toll', 'motorway'})
  return settings
end

return car
