/** Undefined instead of an error: privacy settings make mere property reads throw. */
export const attempt = <T>(act: () => T): T | undefined => {
  try {
    return act();
  } catch {
    return undefined;
  }
};
