/**
 * The lessons of a gateway: one for each tab of a browser, bounded in number, steps and time.
 *
 * The store keeps a lesson with the script of all its actions. To go back, it performs the first part of the script
 * again. From there, it follows the rest of the script until the person does something else.
 *
 * @module
 */

import { Lesson, type LessonAction, LessonError, type LessonOptions } from "../lesson/lesson.ts";

/** Steps of a lesson: going back repeats that many in well under a second. */
export const lessonStepsMax = 2_000;

/** Lessons that a gateway keeps, one per tab of a browser. The one that was idle for longest gives way. */
export const lessonsMax = 64;

/** Milliseconds after which the gateway drops an idle lesson. */
export const lessonIdleMs = 1_800_000;

/** Requests about lessons that may wait for one another: as many as there are lessons. */
export const lessonRequestsMax: number = lessonsMax;

/** A lesson with its script. */
export class KeptLesson {
  /** What it is found by. */
  readonly id = crypto.randomUUID();
  readonly #options: LessonOptions;
  #lesson: Lesson;
  /** The actions up to now, and those that the person went back over. */
  #script: readonly LessonAction[] = [];

  /** Begins it. */
  constructor(options: LessonOptions) {
    this.#options = options;
    this.#lesson = new Lesson(options);
  }

  /** The lesson as its page shows it, with its steps from this one on, which counts from 0. */
  state(from = 0) {
    const picture = this.#lesson.picture();
    const steps = this.#lesson.steps.slice(from);
    return { id: this.id, options: this.#options, length: this.#script.length, picture, steps };
  }

  /**
   * Performs an action, up to `times` times; fewer if nothing is left to happen, or it cannot be done again.
   *
   * @returns the state, with the steps that followed.
   * @throws {LessonError} if it cannot be done now; then nothing has happened.
   */
  perform(action: LessonAction, times: number) {
    const before = this.#lesson.steps.length;
    try {
      for (let count = 0; count < times; count++) if (!this.#perform(action)) break;
    } catch (error) {
      // Earlier rounds stay done.
      if (!(error instanceof LessonError) || this.#lesson.steps.length === before) throw error;
    }
    return this.state(before);
  }

  /** Goes to a step of the script, back or forth: 0 is the beginning. */
  goTo(step: number) {
    if (step < this.#lesson.steps.length) this.#lesson = Lesson.again(this.#options, this.#script.slice(0, step));
    while (this.#lesson.steps.length < Math.min(step, this.#script.length)) this.#perform({ kind: "next" });
    return this.state();
  }

  /** Whether anything happened. */
  #perform(action: LessonAction): boolean {
    const at = this.#lesson.steps.length;
    const scripted = this.#script[at];
    if (action.kind === "next" && scripted !== undefined) return this.#lesson.perform(scripted) !== undefined;
    if (at >= lessonStepsMax) throw new LessonError(`A lesson has ${lessonStepsMax} steps at most: begin another one`);
    if (this.#lesson.perform(action) === undefined) return false;
    this.#script = [...this.#lesson.actions];
    return true;
  }
}

/** All lessons that are kept. */
export class LessonStore {
  // The one that has been idle for longest comes first.
  readonly #kept = new Map<string, { readonly lesson: KeptLesson; readonly usedAtMs: number }>();
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
  begin(options: LessonOptions): KeptLesson {
    this.#dropIdle();
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= lessonsMax) this.#kept.delete(oldest);
    return this.#keep(new KeptLesson(options));
  }

  /** A lesson, which is used now; undefined if there is none, or it was dropped. */
  find(id: string): KeptLesson | undefined {
    this.#dropIdle();
    const kept = this.#kept.get(id);
    return kept && this.#keep(kept.lesson);
  }

  #keep(lesson: KeptLesson): KeptLesson {
    this.#kept.delete(lesson.id);
    this.#kept.set(lesson.id, { lesson, usedAtMs: this.#now() });
    return lesson;
  }

  #dropIdle(): void {
    for (const [id, { usedAtMs }] of this.#kept) {
      if (this.#now() - usedAtMs <= lessonIdleMs) return;
      this.#kept.delete(id);
    }
  }
}
