// The page of those who may not see a page.
import { createElement, type ReactNode, useState } from "react";
import type { ClaimError } from "../types.js";
import { useShared } from "./context.js";

export interface DeniedTexts {
  title: string;
  back: string;
  signOut: string;
  /** When signing out did not work. */
  failed: string;
}

export const deniedTexts: DeniedTexts = {
  title: "Access denied",
  back: "Go back",
  signOut: "Sign out",
  failed: "That did not work. Please try again.",
};

/** What an app needs to draw the page by itself. */
export interface DeniedParts {
  texts: DeniedTexts;
  /** What the guard around denies for. */
  error: ClaimError | undefined;
  /** Signing out did not work. */
  failed: boolean;
  /** For the heading, which has to have `tabIndex={-1}`: it gets the focus. */
  focus: (heading: HTMLElement | null) => void;
  back: () => void;
  signOut: () => void;
}

export interface AccessDeniedProps {
  texts?: Partial<DeniedTexts>;
  /** Default: the browser goes back. */
  onBack?: () => void;
  /** Draws it otherwise. Default: a heading and two buttons. */
  children?: (parts: DeniedParts) => ReactNode;
}

/** Says that access is denied, with a way back and a way out: after signing out it goes where people sign in. */
export function AccessDenied(props: AccessDeniedProps): ReactNode {
  const { texts, onBack: back = () => history.back(), children = plain } = props;
  const { client, loginUrl, navigate, error } = useShared();
  const [failed, setFailed] = useState(false);
  const signOut = () =>
    void client.signOut().then(
      () => loginUrl && navigate(loginUrl),
      () => setFailed(true),
    );
  return children({ texts: { ...deniedTexts, ...texts }, error, failed, focus, back, signOut });
}

const focus = (heading: HTMLElement | null) => heading?.focus();

const button = (onClick: () => void, text: string) => createElement("button", { type: "button", onClick }, text);

const plain = ({ texts, failed, back, signOut }: DeniedParts) =>
  createElement(
    "div",
    { role: "alert" },
    createElement("h1", { tabIndex: -1, ref: focus }, texts.title),
    failed && texts.failed,
    button(back, texts.back),
    button(signOut, texts.signOut),
  );
