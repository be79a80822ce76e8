/** Setting the second factor up: by choice, or in the course of a login that wants one. */

import type { EnrolmentRequired } from "ninja-totp-client";
import type { SecondFactor } from "ninja-totp-client/react";

import { Field, Form } from "./form";

export function Enrolment({ flow, step }: { flow: SecondFactor; step?: EnrolmentRequired }) {
  if (flow.setup === undefined) {
    return (
      <Form
        title={step ? "You need two-step sign-in" : "Two-step sign-in is off"}
        button="Set up two-step sign-in"
        onSend={() => flow.enrol(step)}
      />
    );
  }
  return (
    <Form
      title="Add your authenticator"
      button="Confirm"
      onSend={(field) => flow.confirm(field("code"), step)}
    >
      <QrCode svg={flow.setup.svg} />
      <p>{flow.setup.secret_grouped}</p>
      <Field label="Code from the app" name="code" hint="one-time-code" />
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

export function Codes({ codes, onSaved }: { codes: string[]; onSaved: () => void }) {
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
