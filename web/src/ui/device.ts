// What people call a device, from what it says of itself. A guess, and never more than a name.
import { fill } from "./texts.js";

export interface Device {
  browser?: string;
  system?: string;
  kind: "computer" | "phone" | "tablet" | "unknown";
}

/** The first that fits counts: most browsers claim to be several others, too. */
const BROWSERS: [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\b(OPR|Opera|OPiOS|OPT)\//, "Opera"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bYaBrowser\//, "Yandex Browser"],
  [/\b(DuckDuckGo|Ddg)\//, "DuckDuckGo"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\bElectron\//, "Electron"],
  [/\b(Chrome|Chromium|CriOS|HeadlessChrome)\//, "Chrome"],
  [/\bVersion\/.*\bSafari\//, "Safari"],
];

const SYSTEMS: [RegExp, string, Device["kind"]][] = [
  [/\biPhone\b|\biPod\b/, "iPhone", "phone"],
  [/\biPad\b/, "iPad", "tablet"],
  [/\bAndroid\b.*\bMobile\b/, "Android", "phone"],
  [/\bAndroid\b/, "Android", "tablet"],
  [/\bWindows\b/, "Windows", "computer"],
  [/\bCrOS\b/, "ChromeOS", "computer"],
  [/\bMac(intosh| OS X|OS)\b/, "macOS", "computer"],
  [/\bLinux\b|\bX11\b/, "Linux", "computer"],
];

/** An app that is no browser names itself first. */
const APP = /^([A-Za-z][\w .-]{0,29})\//;

export function deviceOf(userAgent: string | null | undefined): Device {
  const text = (userAgent ?? "").slice(0, 512);
  const [, system, kind = "unknown"] = SYSTEMS.find(([pattern]) => pattern.test(text)) ?? [];
  const app = APP.exec(text)?.[1];
  const browser = BROWSERS.find(([pattern]) => pattern.test(text))?.[1] ?? (app === "Mozilla" ? undefined : app);
  return { ...(browser && { browser }), ...(system && { system }), kind };
}

/** @param both how browser and system are said together: `{browser} on {system}`. */
export function deviceName({ browser, system }: Device, both: string, unknown: string): string {
  if (browser && system) return fill(both, { browser, system });
  return browser ?? system ?? unknown;
}
