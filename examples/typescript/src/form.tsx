/** A form with one button that says what went wrong. */

import { useState, type FormEvent, type ReactNode } from "react";

import { sentence, type AnyError } from "./sentences";

interface Props {
  title: string;
  button: string;
  children?: ReactNode;
  /** Sends the fields; returns the error to show, or nothing. */
  onSend: (field: (name: string) => string) => Promise<AnyError | undefined>;
}

export function Form({ title, button, children, onSend }: Props) {
  const [error, setError] = useState<AnyError>();
  const [busy, setBusy] = useState(false);

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setBusy(true);
    setError(await onSend((name) => String(data.get(name) ?? "")));
    setBusy(false);
  }

  return (
    <form onSubmit={(event) => void send(event)} aria-busy={busy}>
      <h2>{title}</h2>
      {children}
      <button disabled={busy}>{button}</button>
      {error && <p role="alert">{sentence(error)}</p>}
    </form>
  );
}

export function Field(props: { label: string; name: string; type?: string; hint: string }) {
  return (
    <p>
      <label htmlFor={props.name}>{props.label}</label>{" "}
      <input
        id={props.name}
        name={props.name}
        type={props.type ?? "text"}
        autoComplete={props.hint}
        required
      />
    </p>
  );
}

export function CodeField() {
  return <Field label="Code from the app, or a backup code" name="code" hint="one-time-code" />;
}

/** The app's codes have six to eight digits, a backup code has 24 letters and digits. */
export const isBackupCode = (typed: string): boolean => typed.replace(/[\s-]/g, "").length > 8;
