import { expect, test } from "vitest";
import { deviceName, deviceOf } from "../../src/ui/device.js";

const GECKO = "Gecko/20100101";
const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
const APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X)";
const ANDROID = "Mozilla/5.0 (Linux; Android 10; K)";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";

test.each([
  [`Mozilla/5.0 (X11; Linux x86_64; rv:151.0) ${GECKO} Firefox/151.0`, "Firefox on Linux", "computer"],
  [`Mozilla/5.0 (Android 16; Mobile; rv:151.0) Gecko/151.0 Firefox/151.0`, "Firefox on Android", "phone"],
  [`${WINDOWS} ${WEBKIT} Chrome/156.0.0.0 Safari/537.36`, "Chrome on Windows", "computer"],
  [`${WINDOWS} ${WEBKIT} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0`, "Edge on Windows", "computer"],
  [`${WINDOWS} ${WEBKIT} Chrome/156.0.0.0 Safari/537.36 OPR/122.0.0.0`, "Opera on Windows", "computer"],
  [`${MAC} ${APPLE} Version/26.1 Safari/605.1.15`, "Safari on macOS", "computer"],
  [`${MAC} ${WEBKIT} Chrome/156.0.0.0 Safari/537.36 Vivaldi/8.1`, "Vivaldi on macOS", "computer"],
  [`${MAC} ${WEBKIT} Chrome/140.0 Electron/40.1 Safari/537.36`, "Electron on macOS", "computer"],
  [
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/156.0.0.0 Safari/537.36`,
    "Chrome on ChromeOS",
    "computer",
  ],
  [`${IPHONE} ${APPLE} Version/26.1 Mobile/15E148 Safari/604.1`, "Safari on iPhone", "phone"],
  [`${IPHONE} ${APPLE} CriOS/156.0 Mobile/15E148 Safari/604.1`, "Chrome on iPhone", "phone"],
  [`${IPHONE} ${APPLE} FxiOS/151.0 Mobile/15E148 Safari/604.1`, "Firefox on iPhone", "phone"],
  [
    `Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) ${APPLE} Version/18.1 Mobile/15E148 Safari/604.1`,
    "Safari on iPad",
    "tablet",
  ],
  [`${ANDROID} ${WEBKIT} Chrome/156.0.0.0 Mobile Safari/537.36`, "Chrome on Android", "phone"],
  [`${ANDROID} ${WEBKIT} Chrome/156.0.0.0 Safari/537.36`, "Chrome on Android", "tablet"],
  [
    `${ANDROID} ${WEBKIT} SamsungBrowser/30.0 Chrome/130.0 Mobile Safari/537.36`,
    "Samsung Internet on Android",
    "phone",
  ],
  ["curl/8.14.1", "curl", "unknown"],
  ["okhttp/5.1.0", "okhttp", "unknown"],
  ["Acme Mail/2.1 (iPhone; iOS 26.1; Scale/3.00)", "Acme Mail on iPhone", "phone"],
  [WINDOWS, "Windows", "computer"],
  ["Mozilla/5.0", "?", "unknown"],
  ["", "?", "unknown"],
  [null, "?", "unknown"],
  ["<img src=x onerror=alert(1)>", "?", "unknown"],
  [`${"a".repeat(40)}/1`, "?", "unknown"],
  ["\u202egnp.exe/1", "?", "unknown"],
])("%s is %s", (userAgent, name, kind) => {
  const device = deviceOf(userAgent);
  expect([deviceName(device, "{browser} on {system}", "?"), device.kind]).toEqual([name, kind]);
});

test("a text of megabytes is looked at no longer than a short one", () => {
  expect(deviceOf(`${"Version/ ".repeat(500_000)}Firefox/1`)).toEqual({ browser: "Version", kind: "unknown" });
});

test("a name is put into the words as it is", () => {
  const device = { browser: "$& {system}", system: "Linux", kind: "computer" } as const;
  expect(deviceName(device, "{browser} – {system}", "?")).toBe("$& {system} – Linux");
});
