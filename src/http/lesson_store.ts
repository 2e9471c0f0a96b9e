/**
 * The lessons of a gateway: one per tab of a browser, bounded in number, steps and time.
 *
 * A lesson is kept with the script of all that was done in it. Going back is doing the first part of the script again;
 * going on from there does the rest of it, until the person does something else.
 *
 * @module
 */

import { lessonIdleMs, lessonsMax, lessonStepsMax } from "../limits.ts";
import { Lesson, type LessonAction, LessonError, type LessonOptions } from "../lesson/lesson.ts";
import type { LessonPicture, LessonStep } from "../lesson/picture.ts";

/** A lesson as its page shows it. */
export interface LessonState {
  readonly id: string;
  readonly options: LessonOptions;
  /** Steps that can be shown without anything new: those up to now, and those after it that were gone back over. */
  readonly length: number;
  readonly picture: LessonPicture;
  /** The steps that the answer is about. */
  readonly steps: readonly LessonStep[];
}

interface Kept {
  readonly id: string;
  readonly options: LessonOptions;
  lesson: Lesson;
  script: LessonAction[];
  usedAtMs: number;
}

/** All lessons that are kept. */
export class LessonStore {
  // The one that was idle for longest is the first.
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  /** @param now the time in ms, from any beginning. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How many are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /** Begins a lesson; where there are too many, the one that was idle for longest is dropped. */
  begin(options: LessonOptions): LessonState {
    this.#dropIdle();
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= lessonsMax) this.#kept.delete(oldest);
    const id = crypto.randomUUID();
    const kept: Kept = { id, options, lesson: new Lesson(options), script: [], usedAtMs: this.#now() };
    this.#kept.set(id, kept);
    return stateOf(kept, []);
  }

  /** A lesson with all its steps; undefined if it is not kept (any more). */
  get(id: string): LessonState | undefined {
    const kept = this.#use(id);
    return kept && stateOf(kept, kept.lesson.steps);
  }

  /**
   * Does something in a lesson, up to `times` times; fewer if nothing is left to happen, or it cannot be done again.
   *
   * @throws {LessonError} if it cannot be done now; nothing has happened then.
   */
  perform(id: string, action: LessonAction, times: number): LessonState | undefined {
    const kept = this.#use(id);
    if (kept === undefined) return undefined;
    const before = kept.lesson.steps.length;
    try {
      for (let count = 0; count < times; count++) if (!performIn(kept, action)) break;
    } catch (error) {
      // What was done before stays done.
      if (!(error instanceof LessonError) || kept.lesson.steps.length === before) throw error;
    }
    return stateOf(kept, kept.lesson.steps.slice(before));
  }

  /** Goes to a step of the script, back or forth: 0 is the beginning. */
  goTo(id: string, step: number): LessonState | undefined {
    const kept = this.#use(id);
    if (kept === undefined) return undefined;
    if (step < kept.lesson.steps.length) kept.lesson = Lesson.again(kept.options, kept.script.slice(0, step));
    while (kept.lesson.steps.length < Math.min(step, kept.script.length)) performIn(kept, { kind: "next" });
    return stateOf(kept, kept.lesson.steps);
  }

  #use(id: string): Kept | undefined {
    this.#dropIdle();
    const kept = this.#kept.get(id);
    if (kept === undefined) return undefined;
    kept.usedAtMs = this.#now();
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    return kept;
  }

  #dropIdle(): void {
    const now = this.#now();
    for (const [id, { usedAtMs }] of this.#kept) {
      if (now - usedAtMs <= lessonIdleMs) return;
      this.#kept.delete(id);
    }
  }
}

/** Whether anything happened. */
function performIn(kept: Kept, action: LessonAction): boolean {
  const { lesson } = kept;
  const at = lesson.steps.length;
  const scripted = kept.script[at];
  if (action.kind === "next" && scripted !== undefined) return lesson.perform(scripted) !== undefined;
  if (at >= lessonStepsMax) throw new LessonError(`A lesson has ${lessonStepsMax} steps at most: begin another one`);
  if (lesson.perform(action) === undefined) return false;
  kept.script = [...lesson.actions];
  return true;
}

function stateOf({ id, options, lesson, script }: Kept, steps: readonly LessonStep[]): LessonState {
  return { id, options, length: script.length, picture: lesson.picture(), steps };
}
