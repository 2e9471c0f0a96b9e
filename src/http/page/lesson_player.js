/**
 * A lesson of this tab: asks the gateway for one step after the other, by hand or at a pace.
 *
 * @module
 */

import { get, post } from "./api.js";
import { useCallback, useEffect, useRef, useState } from "./lib.js";

const key = "vaxlog-lesson";

/** Steps per second that can be chosen. */
export const paces = [0.5, 1, 2, 5, 15];

/** What a lesson begins with. */
export const firstOptions = { replicas: 3, clients: 2, seed: 1 };

const nothing = { id: undefined, options: firstOptions, length: 0, picture: undefined, steps: [] };

/** The lesson, and what can be done with it. */
export function useLesson(say) {
  const [lesson, setLesson] = useState(nothing);
  const [isPlaying, setPlaying] = useState(false);
  const [pace, setPace] = useState(2);
  // Requests go one after the other: each is about what the one before has left.
  const queue = useRef(Promise.resolve());
  const current = useRef(nothing);
  current.current = lesson;

  const ask = useCallback((request) => {
    const next = queue.current.then(request).catch((error) => {
      setPlaying(false);
      say(error.message, "bad");
      return undefined;
    });
    queue.current = next;
    return next;
  }, []);

  const take = (state, isWhole) => {
    const steps = isWhole ? state.steps : [...current.current.steps, ...state.steps];
    current.current = { ...state, steps };
    setLesson(current.current);
    return state;
  };

  const begin = useCallback((options) => {
    setPlaying(false);
    return ask(async () => {
      const { body } = await post("/api/lessons", options);
      sessionStorage.setItem(key, body.id);
      return take(body, true);
    });
  }, []);

  useEffect(() => {
    const id = sessionStorage.getItem(key);
    if (id === null) return void begin(firstOptions);
    // It may have been dropped meanwhile.
    queue.current = get(`/api/lessons/${id}`).then(({ body }) => take(body, true), () => void begin(firstOptions));
  }, []);

  const perform = useCallback((action, times = 1) =>
    ask(async () => {
      const { body } = await post(`/api/lessons/${current.current.id}/step`, { action, times });
      return take(body, false);
    }), []);

  /** Goes to the step that `where` makes of the present one. */
  const go = useCallback((where) => {
    setPlaying(false);
    return ask(async () => {
      const { id, picture } = current.current;
      const step = Math.max(0, where(picture.step));
      const { body } = await post(`/api/lessons/${id}/go`, { step });
      return take(body, true);
    });
  }, []);

  useEffect(() => {
    if (!isPlaying) return;
    let isOver = false;
    let timer;
    const next = async () => {
      const state = await perform({ kind: "next" });
      if (isOver) return;
      if (state === undefined || state.steps.length === 0) return setPlaying(false);
      timer = setTimeout(next, 1_000 / pace);
    };
    timer = setTimeout(next, 1_000 / pace);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isPlaying, pace]);

  return { lesson, isPlaying, setPlaying, pace, setPace, begin, perform, go };
}
