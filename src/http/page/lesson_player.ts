/**
 * The lesson of this tab: asks the gateway for one step after the other, by hand or at a pace.
 *
 * @module
 */

import type { LessonAction, LessonOptions } from "../../lesson/lesson.ts";
import type { LessonPicture, LessonStep } from "../../lesson/picture.ts";
import { get, messageOf, post } from "./api.ts";
import { useLayoutEffect, useRef, useState } from "./lib.ts";
import { say } from "./say.ts";

const key = "vaxlog-lesson";

/** Steps per second that can be chosen. */
export const paces: readonly number[] = [0.5, 1, 2, 5, 15];

const firstOptions: LessonOptions = { replicas: 3, clients: 2, seed: 1 };

/** A lesson, as the gateway gives it. */
export interface ShownLesson {
  readonly id: string;
  readonly options: LessonOptions;
  /** Steps that can be shown without anything new. */
  readonly length: number;
  readonly picture: LessonPicture;
  readonly steps: readonly LessonStep[];
}

/** Does something in the lesson. */
export type Perform = (action: LessonAction, times?: number) => Promise<ShownLesson | undefined>;

/** The lesson, undefined until it has begun, and what can be done with it. */
export function useLesson() {
  const [lesson, setLesson] = useState<ShownLesson | undefined>(undefined);
  const [isPlaying, setPlaying] = useState(false);
  const [pace, setPace] = useState(2);
  // Each request is about what the request before has left, so they go one after the other.
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const current = useRef<ShownLesson | undefined>(undefined);

  const ask = <T>(request: () => Promise<T>): Promise<T | undefined> => {
    const next = queue.current.then(request).catch((error) => {
      setPlaying(false);
      say(messageOf(error), "bad");
      return undefined;
    });
    queue.current = next;
    return next;
  };

  const take = (state: ShownLesson, isWhole: boolean): ShownLesson => {
    const steps = isWhole ? state.steps : [...current.current?.steps ?? [], ...state.steps];
    current.current = { ...state, steps };
    setLesson(current.current);
    return state;
  };

  /** Asks about the lesson that is there when the request's turn comes. */
  const askOf = (what: "step" | "go", bodyOf: (lesson: ShownLesson) => unknown) =>
    ask(async () => {
      const lesson = current.current!;
      const { body } = await post<ShownLesson>(`/api/lessons/${lesson.id}/${what}`, bodyOf(lesson));
      return take(body, what === "go");
    });

  const begin = (options: LessonOptions) => {
    setPlaying(false);
    return ask(async () => {
      const { body } = await post<ShownLesson>("/api/lessons", options);
      sessionStorage.setItem(key, body.id);
      return take(body, true);
    });
  };

  useLayoutEffect(() => {
    const id = sessionStorage.getItem(key);
    if (id === null) return void begin(firstOptions);
    // The gateway may have dropped the lesson.
    queue.current = get<ShownLesson>(`/api/lessons/${id}`).then(
      ({ body }) => take(body, true),
      () => void begin(firstOptions),
    );
  }, []);

  const perform: Perform = (action, times = 1) => askOf("step", () => ({ action, times }));

  /** Goes to the step that `where` makes of the present one. */
  const go = (where: (step: number) => number) => {
    setPlaying(false);
    askOf("go", ({ picture }) => ({ step: Math.max(0, where(picture.step)) }));
  };

  // At once: a step that is due must not come after what the person did.
  useLayoutEffect(() => {
    if (!isPlaying) return;
    let isOver = false;
    const next = async () => {
      const state = await perform({ kind: "next" });
      if (isOver) return;
      if (state === undefined || state.steps.length === 0) return setPlaying(false);
      timer = setTimeout(next, 1_000 / pace);
    };
    let timer = setTimeout(next, 1_000 / pace);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isPlaying, pace]);

  return { lesson, isPlaying, setPlaying, pace, setPace, begin, perform, go };
}
