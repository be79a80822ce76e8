/** Switching the second factor on and off. */

import { useCallback, useEffect, useState } from "react";

import type { Answer, Client } from "./client";
import { CodeField, Field, Form, isBackupCode } from "./form";

type Value<A> = A extends { ok: true; value: infer Found } ? Found : never;
type Status = Value<Answer<"get", "totp/status/">>;
type Setup = Value<Answer<"post", "totp/create/">>;

export function Account({ client, onSignOut }: { client: Client; onSignOut: () => void }) {
  const [status, setStatus] = useState<Status>();
  const [setup, setSetup] = useState<Setup>();
  const [codes, setCodes] = useState<string[]>();

  const look = useCallback(async () => {
    const answer = await client.get("totp/status/");
    if (answer.ok) setStatus(answer.value);
    else if (answer.error.code === "not_authenticated") onSignOut();
  }, [client, onSignOut]);
  useEffect(() => void look(), [look]);

  if (status === undefined) return <p>One moment.</p>;
  if (codes) return <Codes codes={codes} onSaved={() => setCodes(undefined)} />;
  if (setup) {
    return (
      <Form
        title="Add your authenticator"
        button="Confirm"
        onSend={async (field) => {
          const answer = await client.post("totp/confirm/", { input_code: field("code") });
          if (!answer.ok) return answer.error;
          setSetup(undefined); // the secret leaves the page as soon as it can
          setCodes(answer.value.backup_codes);
          await look();
          return undefined;
        }}
      >
        <QrCode svg={setup.svg} />
        <p>{setup.secret_grouped}</p>
        <Field label="Code from the app" name="code" hint="one-time-code" />
      </Form>
    );
  }
  return (
    <>
      {status.is_totp_enabled ? (
        <SwitchOff client={client} left={status.backup_codes_remaining} onDone={look} />
      ) : (
        <Form
          title="Two-step sign-in is off"
          button="Set up two-step sign-in"
          onSend={async () => {
            const answer = await client.post("totp/create/");
            if (!answer.ok) return answer.error;
            setSetup(answer.value);
            return undefined;
          }}
        />
      )}
      <button onClick={onSignOut}>Sign out</button>
    </>
  );
}

interface SwitchOffProps {
  client: Client;
  left: number;
  onDone: () => Promise<void>;
}

/** Needs a proof of the last minutes. Where the token has none, the form asks for a code. */
function SwitchOff({ client, left, onDone }: SwitchOffProps) {
  const [needsCode, setNeedsCode] = useState(false);
  return (
    <Form
      title="Two-step sign-in is on"
      button="Switch off"
      onSend={async (field) => {
        const typed = needsCode ? field("code").trim() : "";
        const proof = isBackupCode(typed) ? { backup_code: typed } : { input_code: typed };
        const answer = await client.post("totp/disable/", ...(typed ? [proof] : []));
        if (!answer.ok) {
          if (answer.error.code === "second_factor_required") setNeedsCode(true);
          return answer.error;
        }
        await onDone();
        return undefined;
      }}
    >
      <p>Backup codes left: {left}</p>
      {needsCode && <CodeField />}
    </Form>
  );
}

/** As a picture, in which no script could run, and not as a part of the page. */
function QrCode({ svg }: { svg: string }) {
  return (
    <img
      alt="QR code for your authenticator app"
      src={`data:image/svg+xml,${encodeURIComponent(svg)}`}
      width="240"
      height="240"
    />
  );
}

function Codes({ codes, onSaved }: { codes: string[]; onSaved: () => void }) {
  return (
    <>
      <h2>Save your backup codes</h2>
      <ol id="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <button onClick={onSaved}>I saved them</button>
    </>
  );
}
