// Everything that the elements say, in one table.

export interface Texts {
  signOut: string;
  signingOut: string;
  signOutFailed: string;

  expiredTitle: string;
  expiredMessage: string;
  signIn: string;
  notNow: string;

  deniedTitle: string;
  deniedMessage: string;
  back: string;

  devicesTitle: string;
  devicesLoading: string;
  /** No list: the server could not be reached, or it said something else. */
  devicesFailed: string;
  devicesSignedOut: string;
  tryAgain: string;
  /** Has `{browser}` and `{system}`. */
  device: string;
  unknownDevice: string;
  thisDevice: string;
  /** Has `{time}`, as the next one. */
  signedIn: string;
  lastUsed: string;
  activeNow: string;
  /** The button beside a device. */
  end: string;
  /** What that button is called where it stands alone; has `{device}`. */
  endDevice: string;
  /** Has `{device}`. */
  endTitle: string;
  endMessage: string;
  endThisMessage: string;
  endOthers: string;
  endOthersTitle: string;
  endOthersMessage: string;
  cancel: string;
  /** Has `{device}`. */
  ended: string;
  othersEnded: string;
  endFailed: string;

  roles: string;
  noRoles: string;
}

export const defaultTexts: Texts = {
  signOut: "Sign out",
  signingOut: "Signing out…",
  signOutFailed: "You could not be signed out. Please try again.",

  expiredTitle: "Your session has expired",
  expiredMessage: "Please sign in again to go on.",
  signIn: "Sign in",
  notNow: "Not now",

  deniedTitle: "Access denied",
  deniedMessage: "You do not have permission to see this page.",
  back: "Go back",

  devicesTitle: "Your devices",
  devicesLoading: "Loading your devices…",
  devicesFailed: "Your devices could not be loaded.",
  devicesSignedOut: "Sign in to see your devices.",
  tryAgain: "Try again",
  device: "{browser} on {system}",
  unknownDevice: "Unknown device",
  thisDevice: "This device",
  signedIn: "Signed in {time}",
  lastUsed: "Last used {time}",
  activeNow: "Active now",
  end: "Sign out",
  endDevice: "Sign out {device}",
  endTitle: "Sign out {device}?",
  endMessage: "Whoever uses that device has to sign in again.",
  endThisMessage: "You have to sign in again on this device.",
  endOthers: "Sign out all other devices",
  endOthersTitle: "Sign out all other devices?",
  endOthersMessage: "You stay signed in here. Everywhere else you have to sign in again.",
  cancel: "Cancel",
  ended: "{device} has been signed out.",
  othersEnded: "All other devices have been signed out.",
  endFailed: "That did not work. Please try again.",

  roles: "Roles",
  noRoles: "No roles",
};

/** Puts values where a text names them in braces. */
export const fill = (text: string, values: Record<string, string>): string =>
  text.replace(/\{(\w+)\}/g, (name, key: string) => values[key] ?? name);

/** What an attribute `texts` holds; undefined if that is no table of texts. */
export function parseTexts(json: string): Partial<Texts> | undefined {
  try {
    const table: unknown = JSON.parse(json);
    if (typeof table !== "object" || table === null) return undefined;
    return Object.fromEntries(Object.entries(table).filter(([, text]) => typeof text === "string"));
  } catch {
    return undefined;
  }
}
