/* What the pages do in the browser. Everything works without it; with it the page lives. */
import { startAttach } from "./attach.js";
import { startClock } from "./clock.js";
import { startComposer } from "./composer.js";
import { startCopy } from "./copy.js";
import { startForms } from "./forms.js";
import { startHours } from "./hours.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startNames } from "./names.js";
import { startNotify } from "./notify.js";
import { startPalette } from "./palette.js";
import { startPick } from "./pick.js";
import { startPicks } from "./picks.js";
import { startRead } from "./read.js";
import { startRoster } from "./roster.js";
import { startUndo } from "./undo.js";
import { startUnsaved } from "./unsaved.js";
import { startWall } from "./wall.js";
import { startWhen } from "./when.js";

startClock();
startComposer();
startCopy();
startAttach();
startForms();
startHours();
startKeys();
startLive();
startNames();
startNotify();
startPalette();
startPick();
startPicks();
startRead();
startRoster();
startUndo();
startUnsaved();
startWall();
startWhen();

// The first admin is asked for the brand's zone: this machine's is a better guess than none.
const zone = document.querySelector("[data-guess] #f-brand_zone");
if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";

// A view that is open stands in sight, however many stand before it.
document.querySelector("#views .is-active")?.scrollIntoView({ block: "nearest", inline: "nearest" });
