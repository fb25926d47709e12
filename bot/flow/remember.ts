import type { Approval } from "#core/approval.ts";
import { formatArtifact, type Artifact } from "#core/artifact.ts";
import type { Consent } from "#core/plan-types.ts";
import { streamKey, type Stream } from "#core/target.ts";
import type { Verdict } from "#core/verdict.ts";
import type { Facts } from "#ports/facts.ts";

import type { CommandDecision } from "./command-decision.ts";
import { rememberLoads } from "./remember-loads.ts";

/**
 * Everything that the flow remembers, and under which key. All of it can be found out again (`recover.ts`): the keys
 * stand together here so that nothing is remembered that cannot.
 */
const day = 24 * 60 * 60 * 1000;

/** One witness of a published image. */
export type CandidateFact = {
  readonly tag: string;
  readonly digest: string | null;
  readonly revision: string | null;
  readonly seenAt: string;
  /** When the registry says that it was published; null where nobody does. */
  readonly publishedAt: string | null;
  /** `github`: a signed event of GitHub. `hook`: anybody with the hook's secret, to be confirmed. */
  readonly witness: "github" | "registry" | "hook";
  /** No longer newer than what the first environment holds: kept only for its times and its revision. */
  readonly passed?: boolean;
};

/** The commit that brought a desired artifact, and what stood there before. */
export type BroughtFact = {
  readonly artifact: Artifact;
  readonly commit: string;
  readonly at: string;
  /** When a pull request brought it while Sluice watched the stream; null for a push, and for what was there before. */
  readonly mergedAt: string | null;
  /** It came after Sluice's first promotion into the stream, by whatever way. */
  readonly watched?: boolean;
  readonly previous: Artifact | null;
  /** The file that was looked at, its blob, and the newest commit that touched it; all as of `head`. */
  readonly file: string;
  readonly blob: string;
  readonly touched: string;
  /** The default branch's commit that this was found out at. */
  readonly head: string;
};

/** What Sluice put into one commit of its own. */
export type MadeFact = {
  readonly parent: string;
  readonly promotionId: string;
  readonly artifact: Artifact;
  readonly tenants: readonly string[];
  /** Those that should have moved and whose files must not be edited, each with the reason. */
  readonly left?: readonly { readonly tenant: string; readonly sentence: string }[];
  /** Path → blob SHA at the parent. */
  readonly before: Readonly<Record<string, string>>;
};

/** What a comment was taken for, until it is answered. */
type AnswerFact =
  | { readonly done: false; readonly decision: CommandDecision }
  | { readonly done: true };
type Promoted = { readonly digest: string };
type Recovered = { readonly by: string; readonly done: boolean };
type VerdictFact = Omit<Verdict, "at"> & { readonly at: string };
type ApprovalFact = Omit<Approval, "at"> & { readonly at: string };
type ConsentFact = { readonly by: string; readonly at: string; readonly head: string };

/** Whose word is the youngest: events that are read back come in any order. */
export function youngestFirst(words: readonly CandidateFact[]): readonly CandidateFact[] {
  const time = ({ publishedAt, seenAt }: CandidateFact) => publishedAt ?? seenAt;
  return words.toSorted((one, other) => (time(one) < time(other) ? 1 : -1));
}

export type Memory = ReturnType<typeof remember>;

/** The memory of one GitOps repository. */
export function remember(facts: Facts, repository: string) {
  const mine = crypto.randomUUID();
  const key = (...parts: readonly string[]) => [parts[0], repository, ...parts.slice(1)].join("/");

  return {
    async candidates(service: string): Promise<readonly CandidateFact[]> {
      const found = await facts.list<CandidateFact>(`${key("candidate", service)}/`);
      return [...found.values()];
    },
    /**
     * The first word of a digest counts for its time; a redelivery changes nothing. Each digest of a tag is kept: that a
     * tag has moved shows only beside what it named before.
     */
    async addCandidate(service: string, candidate: CandidateFact): Promise<void> {
      const { tag, witness, digest } = candidate;
      await facts.update<CandidateFact>(
        key("candidate", service, tag, witness, digest ?? ""),
        (known) => {
          if (known?.revision !== candidate.revision) return candidate;
          const [before, at] = [known.publishedAt, candidate.publishedAt];
          const earlier = at !== null && (before === null || at < before);
          return earlier ? { ...known, publishedAt: at } : undefined;
        },
        { ttlMs: 30 * day },
      );
    },
    async passCandidate(service: string, tag: string): Promise<void> {
      for (const name of (await facts.list(`${key("candidate", service, tag)}/`)).keys())
        await facts.update<CandidateFact>(
          name,
          (known) => (known === null ? undefined : { ...known, passed: true }),
          { ttlMs: 7 * day },
        );
    },

    async built(service: string): Promise<ReadonlyMap<string, { at: string }>> {
      const prefix = `${key("built", service)}/`;
      const found = await facts.list<{ at: string }>(prefix);
      return new Map([...found].map(([name, value]) => [name.slice(prefix.length), value]));
    },
    async addBuilt(service: string, revision: string, at: Date): Promise<void> {
      await facts.set(
        key("built", service, revision),
        { at: at.toISOString() },
        { ttlMs: 7 * day },
      );
    },
    async dropBuilt(service: string, revision: string): Promise<void> {
      await facts.delete([key("built", service, revision)]);
    },

    /** Newest first. */
    async verdicts(stream: Stream): Promise<readonly Verdict[]> {
      const found = await facts.list<VerdictFact>(`${key("verdict", streamKey(stream))}/`);
      return [...found.values()]
        .map((verdict) => ({ ...verdict, at: new Date(verdict.at) }))
        .sort((one, other) => other.at.getTime() - one.at.getTime());
    },
    async addVerdict(stream: Stream, verdict: Verdict): Promise<void> {
      await facts.set(verdictKey(stream, verdict.artifact, verdict.commit), verdict, {
        ttlMs: 90 * day,
      });
    },
    async dropVerdict(stream: Stream, verdict: Verdict): Promise<void> {
      await facts.delete([verdictKey(stream, verdict.artifact, verdict.commit)]);
    },

    brought(stream: Stream, artifact: Artifact): Promise<BroughtFact | null> {
      return facts.get(key("brought", streamKey(stream), artifact.tag));
    },
    async setBrought(stream: Stream, brought: BroughtFact): Promise<void> {
      await facts.set(key("brought", streamKey(stream), brought.artifact.tag), brought);
    },

    made(commit: string): Promise<MadeFact | null> {
      return facts.get(key("made", commit));
    },
    async setMade(commit: string, made: MadeFact): Promise<void> {
      await facts.set(key("made", commit), made, { ttlMs: 90 * day });
      await notePromoted(made.artifact);
    },

    /** What a tag named when Sluice promoted it first; null where it never did, or did not know. */
    async promotedDigest(image: string, tag: string): Promise<string | null> {
      return (await facts.get<Promoted>(key("promoted", image, tag)))?.digest ?? null;
    },
    notePromoted,

    async consents(number: number): Promise<readonly Consent[]> {
      const found = await facts.list<ConsentFact>(`${key("consent", String(number))}/`);
      return [...found.values()].map((consent) => ({ ...consent, at: new Date(consent.at) }));
    },
    async addConsent(number: number, consent: Consent): Promise<void> {
      await facts.set(key("consent", String(number), consent.head, consent.by), consent, {
        ttlMs: 90 * day,
      });
    },

    /** What people said by `/approve`. */
    async approvals(number: number): Promise<readonly Approval[]> {
      const found = await facts.list<ApprovalFact>(`${key("approval", String(number))}/`);
      return [...found.values()].map((approval) => ({ ...approval, at: new Date(approval.at) }));
    },
    async addApproval(number: number, approval: Approval): Promise<void> {
      const { head, gate, by } = approval;
      await facts.set(key("approval", String(number), head, gate, by), approval, {
        ttlMs: 90 * day,
      });
    },

    ...rememberLoads(facts, key),

    /** When `/resume` was last said for a service in an environment. */
    async resumedAt(environment: string, service: string): Promise<Date | null> {
      const found = await facts.get<{ at: string }>(key("resumed", environment, service));
      return found === null ? null : new Date(found.at);
    },
    async setResumed(environment: string, service: string, at: Date): Promise<void> {
      await facts.update<{ at: string }>(key("resumed", environment, service), (current) =>
        current !== null && current.at >= at.toISOString() ? undefined : { at: at.toISOString() },
      );
    },

    answer(commentId: number): Promise<AnswerFact | null> {
      return facts.get(key("answer", String(commentId)));
    },
    /** The first decision stands, whoever else decides at the same time: that one, or null once it is answered. */
    async keepDecision(
      commentId: number,
      decision: CommandDecision,
    ): Promise<CommandDecision | null> {
      const kept = await facts.update<AnswerFact>(
        key("answer", String(commentId)),
        (known) => (known === null ? { done: false, decision } : undefined),
        { ttlMs: 90 * day },
      );
      return kept?.done === false ? kept.decision : null;
    },
    async setAnswered(commentId: number): Promise<void> {
      const answered: AnswerFact = { done: true };
      await facts.set(key("answer", String(commentId)), answered, { ttlMs: 90 * day });
    },

    closedBy(number: number): Promise<{ login: string | null } | null> {
      return facts.get(key("closed-by", String(number)));
    },
    async setClosedBy(number: number, login: string | null): Promise<void> {
      await facts.set(key("closed-by", String(number)), { login }, { ttlMs: 90 * day });
    },

    /** A promotion whose merge has been followed up: branch gone, difference looked at. */
    async finished(number: number): Promise<boolean> {
      return (await facts.get(key("finished", String(number)))) !== null;
    },
    async setFinished(number: number): Promise<void> {
      await facts.set(key("finished", String(number)), true, { ttlMs: 90 * day });
    },

    /** The merge of a promotion brought something else than Sluice had computed. */
    mergedDifferently(stream: Stream): Promise<{ at: string; sentence: string } | null> {
      return facts.get(key("merged-differently", streamKey(stream)));
    },
    async setMergedDifferently(stream: Stream, at: Date, sentence: string): Promise<void> {
      await facts.set(key("merged-differently", streamKey(stream)), {
        at: at.toISOString(),
        sentence,
      });
    },

    /** Does everything that can be found out again stand here? If not, whoever asks now finds it out. */
    async recovered(): Promise<boolean> {
      const known = await facts.get<Recovered>(key("recovered", "all"));
      if (known?.done === true) return true;
      await facts.set(key("recovered", "all"), { by: mine, done: false } satisfies Recovered);
      return false;
    },
    /** False where the facts were emptied since `recovered` or `setRecovered`: what was read since may be too little. */
    async knowsAll(): Promise<boolean> {
      return (await facts.get<Recovered>(key("recovered", "all")))?.done === true;
    },
    /** Not where the facts were emptied meanwhile: part of what was found out went with them. */
    async setRecovered(): Promise<void> {
      await facts.update<Recovered>(key("recovered", "all"), (known) =>
        known?.by === mine ? { by: mine, done: true } : undefined,
      );
    },

    get<T>(name: string): Promise<T | null> {
      return facts.get<T>(key("note", name));
    },
    async set(name: string, value: unknown): Promise<void> {
      await facts.set(key("note", name), value, { ttlMs: 180 * day });
    },

    /** Forgets the whole repository: it left the installation. */
    async forget(): Promise<void> {
      const kinds =
        "candidate built verdict brought made promoted consent approval loads load-orders resumed answer closed-by finished stops";
      for (const kind of [...kinds.split(" "), "merged-differently", "recovered", "note"])
        await facts.delete([...(await facts.list(`${kind}/${repository}/`)).keys()]);
      // Said of all repositories together: one that left must not go on being broken.
      await facts.delete([`policy-valid/${repository}`]);
    },
  };

  async function notePromoted({ repository: image, tag, digest }: Artifact): Promise<void> {
    if (digest === null) return;
    await facts.update<Promoted>(
      key("promoted", image, tag),
      (known) => (known === null ? { digest } : undefined),
      { ttlMs: 180 * day },
    );
  }

  function verdictKey(stream: Stream, artifact: Artifact, commit: string): string {
    return key("verdict", streamKey(stream), formatArtifact(artifact), commit);
  }
}
