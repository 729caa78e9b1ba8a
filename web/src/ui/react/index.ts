"use client";
import {
  type CSSProperties,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useLayoutEffect,
  useRef,
} from "react";
import { SharedContext } from "../../react/context.js";
import type { SessionClient } from "../../types.js";
import { DeniedElement } from "../denied.js";
import { DevicesElement } from "../devices.js";
import type { HallpassElement } from "../element.js";
import { ExpiredElement } from "../expired.js";
import { RolesElement } from "../roles.js";
import { SignOutElement } from "../sign-out.js";
import type { Texts } from "../texts.js";

/** What all of them take; the elements need no other definition. Client, `loginUrl` and the way to navigate are those of the `SessionProvider` around, if there is one. */
export interface UiProps {
  client?: SessionClient | undefined;
  texts?: Partial<Texts> | undefined;
  loginUrl?: string | undefined;
  api?: string | undefined;
  className?: string | undefined;
  style?: CSSProperties | undefined;
  children?: ReactNode;
}

/** An element, and which events its component has handlers for. */
interface Kind {
  tag: string;
  element: new () => HallpassElement;
  /** `takesOver`: the handler acts instead of the element. */
  events: { prop: string; event: string; takesOver?: boolean }[];
}

/** Effects on a server are none, and older versions of React complain about this one. */
const useEarlyEffect = typeof document === "undefined" ? useEffect : useLayoutEffect;

function usePiece({ tag, element, events }: Kind, props: UiProps): ReactNode {
  const shared = useContext(SharedContext);
  const ref = useRef<HallpassElement>(null);
  const { className, style, children, texts, api } = props;
  const { client = shared?.client, loginUrl = shared?.loginUrl } = props;

  useEarlyEffect(() => {
    if (ref.current) Object.assign(ref.current, { texts, api, loginUrl, client });
    // Only now: what was set before is there when the element comes to life.
    if (!customElements.get(tag)) customElements.define(tag, element);
  }, [client, JSON.stringify(texts), loginUrl, api]);

  useEarlyEffect(() => {
    const end = new AbortController();
    const listen = (name: string, handle: (event: Event, detail: unknown) => void) =>
      ref.current?.addEventListener(name, (event) => handle(event, (event as CustomEvent).detail), {
        signal: end.signal,
      });
    for (const { prop, event: name, takesOver } of events) {
      listen(name, (event, detail) => {
        const handler = Reflect.get(props, prop) as ((detail: unknown) => void) | undefined;
        if (handler && takesOver) event.preventDefault();
        handler?.(detail);
      });
    }
    listen("hallpass-navigate", (event, detail) => {
      if (!shared || event.defaultPrevented) return;
      event.preventDefault();
      shared.navigate((detail as { to: string }).to);
    });
    return () => end.abort();
  });

  return createElement(tag, { ref, class: className, style }, children);
}

const SIGNED_OUT = { prop: "onSignedOut", event: "hallpass-signed-out" };

const SIGN_OUT: Kind = { tag: "hallpass-sign-out", element: SignOutElement, events: [SIGNED_OUT] };
const EXPIRED: Kind = {
  tag: "hallpass-expired",
  element: ExpiredElement,
  events: [{ prop: "onSignIn", event: "hallpass-sign-in", takesOver: true }],
};
const DENIED: Kind = {
  tag: "hallpass-denied",
  element: DeniedElement,
  events: [SIGNED_OUT, { prop: "onBack", event: "hallpass-back", takesOver: true }],
};
const DEVICES: Kind = {
  tag: "hallpass-devices",
  element: DevicesElement,
  events: [{ prop: "onRevoked", event: "hallpass-revoked" }],
};
const ROLES: Kind = { tag: "hallpass-roles", element: RolesElement, events: [] };

export interface SignOutButtonProps extends UiProps {
  onSignedOut?: (() => void) | undefined;
}

/** `<hallpass-sign-out>`. */
export function SignOutButton(props: SignOutButtonProps): ReactNode {
  return usePiece(SIGN_OUT, props);
}

export interface ExpiredDialogProps extends UiProps {
  /** Acts instead of going to `loginUrl`. */
  onSignIn?: (() => void) | undefined;
}

/** `<hallpass-expired>`. */
export function ExpiredDialog(props: ExpiredDialogProps): ReactNode {
  return usePiece(EXPIRED, props);
}

export interface DeniedPageProps extends UiProps {
  onSignedOut?: (() => void) | undefined;
  /** Acts instead of the browser's history. */
  onBack?: (() => void) | undefined;
}

/** `<hallpass-denied>`. */
export function DeniedPage(props: DeniedPageProps): ReactNode {
  return usePiece(DENIED, props);
}

export interface DevicesProps extends UiProps {
  /** Without a handle: all others. */
  onRevoked?: ((ended: { handle?: string }) => void) | undefined;
}

/** `<hallpass-devices>`. */
export function Devices(props: DevicesProps): ReactNode {
  return usePiece(DEVICES, props);
}

/** `<hallpass-roles>`. */
export function Roles(props: UiProps): ReactNode {
  return usePiece(ROLES, props);
}
