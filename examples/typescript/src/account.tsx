/** What somebody who is signed in can do. */

import { useCallback, useEffect, useState } from "react";

import type { Status, TotpClient } from "ninja-totp-client";
import type { SecondFactor } from "ninja-totp-client/react";

import { Enrolment } from "./enrolment";
import { Form } from "./form";
import { sentence } from "./sentences";
import { Proof } from "./sign_in";

export function Account({ totp, flow }: { totp: TotpClient; flow: SecondFactor }) {
  const [status, setStatus] = useState<Status>();
  const [told, setTold] = useState("");
  const { signOut, question } = flow;

  const look = useCallback(async () => {
    const { data, error } = await totp.status();
    if (data) setStatus(data);
    else if (error.code === "not_authenticated") await signOut();
  }, [totp, signOut]);
  useEffect(() => void look(), [look]);

  async function deleteEverything(): Promise<void> {
    const response = await totp.withStepUp(() => totp.fetch("/api/danger/", { method: "POST" }));
    const { detail }: { detail: string } = await response.json();
    setTold(detail);
  }

  if (status === undefined) return <p>One moment.</p>;
  return (
    <>
      {status.is_totp_enabled ? (
        <Form
          title="Two-step sign-in is on"
          button="Switch off"
          onSend={async () => {
            const answer = await totp.disable();
            await look();
            return answer;
          }}
        >
          <p>Backup codes left: {status.backup_codes_remaining}</p>
        </Form>
      ) : (
        <Enrolment flow={flow} />
      )}
      <button onClick={() => void deleteEverything()}>Delete everything</button>
      {told && <p role="status">{told}</p>}
      <button onClick={() => void signOut()}>Sign out</button>
      {question && (
        <dialog open>
          {question.error && <p role="alert">{sentence(question.error)}</p>}
          <Proof
            title="Is it you?"
            onSend={async (proof) => {
              flow.answer(proof);
              return {};
            }}
          />
          <button onClick={flow.cancel}>Cancel</button>
        </dialog>
      )}
    </>
  );
}
