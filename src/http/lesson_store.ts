/**
 * The lessons of a gateway: one for each tab of a browser, bounded in number, steps and time.
 *
 * The store keeps a lesson with the script of all its actions. To go back, it performs the first part of the script
 * again. From there, it follows the rest of the script until the person does something else.
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
  /** Steps of the script: those up to now, and those that the person went back over. */
  readonly length: number;
  readonly picture: LessonPicture;
  /** The steps that the response is about. */
  readonly steps: readonly LessonStep[];
}

interface KeptLesson {
  readonly id: string;
  readonly options: LessonOptions;
  lesson: Lesson;
  script: LessonAction[];
  usedAtMs: number;
}

/** All lessons that are kept. */
export class LessonStore {
  // The one that has been idle for longest comes first.
  readonly #kept = new Map<string, KeptLesson>();
  readonly #now: () => number;

  /** @param now the time in ms, from any beginning. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How many are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /** Begins a lesson; if there are too many, it drops the one that has been idle for longest. */
  begin(options: LessonOptions): LessonState {
    this.#dropIdle();
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= lessonsMax) this.#kept.delete(oldest);
    const id = crypto.randomUUID();
    const kept: KeptLesson = { id, options, lesson: new Lesson(options), script: [], usedAtMs: this.#now() };
    this.#kept.set(id, kept);
    return stateOf(kept, []);
  }

  /** A lesson with all its steps; undefined if there is none, or it was dropped. */
  get(id: string): LessonState | undefined {
    const kept = this.#use(id);
    return kept && stateOf(kept, kept.lesson.steps);
  }

  /**
   * Performs an action in a lesson, up to `times` times; fewer if nothing is left to happen, or it cannot be done
   * again.
   *
   * @throws {LessonError} if it cannot be done now; then nothing has happened.
   */
  perform(id: string, action: LessonAction, times: number): LessonState | undefined {
    const kept = this.#use(id);
    if (kept === undefined) return undefined;
    const before = kept.lesson.steps.length;
    try {
      for (let count = 0; count < times; count++) if (!performIn(kept, action)) break;
    } catch (error) {
      // Earlier rounds stay done.
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

  #use(id: string): KeptLesson | undefined {
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
function performIn(kept: KeptLesson, action: LessonAction): boolean {
  const { lesson } = kept;
  const at = lesson.steps.length;
  const scripted = kept.script[at];
  if (action.kind === "next" && scripted !== undefined) return lesson.perform(scripted) !== undefined;
  if (at >= lessonStepsMax) throw new LessonError(`A lesson has ${lessonStepsMax} steps at most: begin another one`);
  if (lesson.perform(action) === undefined) return false;
  kept.script = [...lesson.actions];
  return true;
}

function stateOf({ id, options, lesson, script }: KeptLesson, steps: readonly LessonStep[]): LessonState {
  return { id, options, length: script.length, picture: lesson.picture(), steps };
}
