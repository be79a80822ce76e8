/** The state of a login and of a question for a code, for React. */

import { useCallback, useEffect, useMemo, useState } from "react";

import type {
  CodeRequired,
  EnrolmentRequired,
  LoginStep,
  Proof,
  Question,
  Setup,
  TotpClient,
} from "./index.js";

/** How far the user has come. */
export type Step =
  | { step: "signed_out" }
  | { step: "logged_in" }
  | CodeRequired
  | EnrolmentRequired;

export interface SecondFactor extends Pick<TotpClient, "login" | "secondStep" | "enrol" | "confirm"> {
  step: Step;
  /** What the user adds to an authenticator app, from `enrol` to `confirm`. */
  setup: Setup | undefined;
  /** To be shown once, from `confirm` to `codesSaved`. */
  backupCodes: string[] | undefined;
  codesSaved(): void;
  signOut(): Promise<void>;
  /** Set while a call waits for a code: show a field for one, and `answer` or `cancel`. */
  question: Question | undefined;
  answer(proof: Proof): void;
  cancel(): void;
}

interface Pending {
  question: Question;
  resolve(proof: Proof | undefined): void;
}

const reached = (step: LoginStep): Step =>
  step.step === "logged_in" ? { step: "logged_in" } : step;

/** `initial` says where a page begins that finds a session of an earlier visit. */
export function useSecondFactor(
  totp: TotpClient,
  initial: "signed_out" | "logged_in" = "signed_out",
): SecondFactor {
  const [step, setStep] = useState<Step>({ step: initial });
  const [setup, setSetup] = useState<Setup>();
  const [backupCodes, setBackupCodes] = useState<string[]>();
  const [pending, setPending] = useState<Pending>();

  useEffect(() => {
    let waiting: Pending | undefined;
    const release = totp.onCodeNeeded(
      (question) =>
        new Promise((resolve) => {
          waiting = { question, resolve };
          setPending(waiting);
        }),
    );
    return () => {
      release();
      waiting?.resolve(undefined);
      setPending(undefined);
    };
  }, [totp]);

  const resolve = useCallback(
    (proof: Proof | undefined) => {
      setPending(undefined);
      pending?.resolve(proof);
    },
    [pending],
  );

  const flow = useMemo(
    (): Pick<SecondFactor, "login" | "secondStep" | "enrol" | "confirm" | "signOut"> => ({
      async login(credentials) {
        const answer = await totp.login(credentials);
        if (answer.data) setStep(reached(answer.data));
        return answer;
      },
      async secondStep(...given) {
        const answer = await totp.secondStep(...given);
        if (answer.data) setStep({ step: "logged_in" });
        return answer;
      },
      async enrol(...given) {
        const answer = await totp.enrol(...given);
        setSetup(answer.data);
        return answer;
      },
      async confirm(...given) {
        const answer = await totp.confirm(...given);
        if (answer.data === undefined) return answer;
        setSetup(undefined); // the secret leaves the page as soon as it can
        setBackupCodes(answer.data.backup_codes);
        setStep({ step: "logged_in" });
        return answer;
      },
      async signOut() {
        await totp.signOut();
        setSetup(undefined);
        setBackupCodes(undefined);
        setStep({ step: "signed_out" });
      },
    }),
    [totp],
  );

  return {
    ...flow,
    step,
    setup,
    backupCodes,
    codesSaved: useCallback(() => setBackupCodes(undefined), []),
    question: pending?.question,
    answer: resolve,
    cancel: useCallback(() => resolve(undefined), [resolve]),
  };
}
