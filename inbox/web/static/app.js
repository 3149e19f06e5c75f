/* What the pages do in the browser. Everything works without it; with it the page lives. */
import { startClock } from "./clock.js";
import { startComposer } from "./composer.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";

startClock();
startComposer();
startKeys();
startLive();
