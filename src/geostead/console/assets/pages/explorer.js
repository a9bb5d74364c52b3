// The page of a data source's entities.

import { find } from "../explorer/dom.js";
import { Explorer } from "../explorer/explorer.js";

const explorer = new Explorer(find("#explorer"));
// For tests and measurements: window.geostead.map is the map of MapLibre.
Object.assign(window, { geostead: { map: explorer.map?.map ?? null, explorer } });
explorer.start();
