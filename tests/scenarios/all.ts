/**
 * All scenarios, imported as text: no permission is needed to run them.
 *
 * @module
 */

import clientABrokenPromiseIsRefused from "./client_a_broken_promise_is_refused.txt" with { type: "text" };
import clientALostLinkAcknowledgesNothing from "./client_a_lost_link_acknowledges_nothing.txt" with { type: "text" };
import clientDiesAfterItsBroadcast from "./client_dies_after_its_broadcast.txt" with { type: "text" };
import clientDiesInTheMiddleOfABroadcast from "./client_dies_in_the_middle_of_a_broadcast.txt" with { type: "text" };
import clientFramesOutOfOrderAreRefused from "./client_frames_out_of_order_are_refused.txt" with { type: "text" };
import clockABadTimestampPoisonsNoClock from "./clock_a_bad_timestamp_poisons_no_clock.txt" with { type: "text" };
import clockAnOutputMovesThatOfItsClient from "./clock_an_output_moves_that_of_its_client.txt" with { type: "text" };
import clockOfAReplicaThatDied from "./clock_of_a_replica_that_died.txt" with { type: "text" };
import clockOfOneReplicaIsMoved from "./clock_of_one_replica_is_moved.txt" with { type: "text" };
import clockWhoLeapsIsToBlame from "./clock_who_leaps_is_to_blame.txt" with { type: "text" };
import costOfABacklog from "./cost_of_a_backlog.txt" with { type: "text" };
import costOfAClosedLoop from "./cost_of_a_closed_loop.txt" with { type: "text" };
import durableACheckpointHasTheDecision from "./durable_a_checkpoint_has_the_decision.txt" with { type: "text" };
import durableACloneAndItsDeadDonor from "./durable_a_clone_and_its_dead_donor.txt" with { type: "text" };
import durableACloneIsPromotedAfterAllDied from "./durable_a_clone_is_promoted_after_all_died.txt" with {
  type: "text",
};
import durableAMemberIsMissing from "./durable_a_member_is_missing.txt" with { type: "text" };
import durableANewcomerDiesBefore from "./durable_a_newcomer_dies_before_its_snapshot_is_whole.txt" with {
  type: "text",
};
import durableASessionThatEndedBefore from "./durable_a_session_that_ended_before.txt" with { type: "text" };
import durableATurnThatOnlyExecutes from "./durable_a_turn_of_one_that_only_executes.txt" with { type: "text" };
import durableAcceptedByOneOnly from "./durable_accepted_by_one_only.txt" with { type: "text" };
import durableAllDieWithARequestAtAll from "./durable_all_die_with_a_request_at_all.txt" with { type: "text" };
import durableAllDieWithARequestAtSome from "./durable_all_die_with_a_request_at_some.txt" with { type: "text" };
import durableDivergenceFoundAtAColdStart from "./durable_divergence_found_at_a_cold_start.txt" with { type: "text" };
import durableDivergenceFoundAtJoin from "./durable_divergence_found_at_join.txt" with { type: "text" };
import durableDivergenceOfTwo from "./durable_divergence_of_two.txt" with { type: "text" };
import durableDroppedByWhatWasGivenUp from "./durable_dropped_by_what_was_given_up.txt" with { type: "text" };
import durableExactlyOnceOverAColdStart from "./durable_exactly_once_over_a_cold_start.txt" with { type: "text" };
import durableOneViewBehind from "./durable_one_view_behind.txt" with { type: "text" };
import durableOnlyWhatWasMissed from "./durable_only_what_was_missed.txt" with { type: "text" };
import durableStoppedAndAFileOfBefore from "./durable_stopped_and_a_file_of_before.txt" with { type: "text" };
import durableStoppedAndAMarkOfBefore from "./durable_stopped_and_a_mark_of_before.txt" with { type: "text" };
import durableStoppedAndAnOlderFile from "./durable_stopped_and_an_older_file.txt" with { type: "text" };
import durableStoppedAndLeftOut from "./durable_stopped_and_left_out.txt" with { type: "text" };
import durableStoppedAndStartedAgain from "./durable_stopped_and_started_again.txt" with { type: "text" };
import durableStoppedInGoodOrder from "./durable_stopped_in_good_order.txt" with { type: "text" };
import durableTheCoordinatorIsOneViewBehind from "./durable_the_coordinator_is_one_view_behind.txt" with {
  type: "text",
};
import durableTheLastToFailDecides from "./durable_the_last_to_fail_decides.txt" with { type: "text" };
import durableTheOrderOfOneAlone from "./durable_the_order_of_one_alone.txt" with { type: "text" };
import durableTwoProposalsOfOneView from "./durable_two_proposals_of_one_view.txt" with { type: "text" };
import durableWhatWasAcceptedBinds from "./durable_what_was_accepted_binds.txt" with { type: "text" };
import durableWhatWasGivenUp from "./durable_what_was_given_up.txt" with { type: "text" };
import executedDifferentlyEndsTheView from "./executed_differently_ends_the_view.txt" with { type: "text" };
import executedIsToldWithoutALull from "./executed_is_told_without_a_lull.txt" with { type: "text" };
import floorOfOneThatComesAndGoes from "./floor_of_one_that_comes_and_goes.txt" with { type: "text" };
import floorWhileAnotherStampsFarAhead from "./floor_while_another_stamps_far_ahead.txt" with { type: "text" };
import flushAMemberDiesAfterItsReceipt from "./flush_a_member_dies_after_its_receipt.txt" with { type: "text" };
import flushAReportIsFinal from "./flush_a_report_is_final.txt" with { type: "text" };
import flushASessionThatOneReportLacks from "./flush_a_session_that_one_report_lacks.txt" with { type: "text" };
import flushWhatWasExecutedIsInTheCut from "./flush_what_was_executed_is_in_the_cut.txt" with { type: "text" };
import gateBlamesNoClientOfAHungMember from "./gate_blames_no_client_of_a_hung_member.txt" with { type: "text" };
import gateCountsEachThatWasToBlame from "./gate_counts_each_that_was_to_blame.txt" with { type: "text" };
import gateHearsWhomOthersBlame from "./gate_hears_whom_others_blame.txt" with { type: "text" };
import gateLetsInWhoWasAtWorkBefore from "./gate_lets_in_who_was_at_work_before.txt" with { type: "text" };
import gateMakesAPreparedLiarWait from "./gate_makes_a_prepared_liar_wait.txt" with { type: "text" };
import gateMakesTheThirdLiarWait from "./gate_makes_the_third_liar_wait.txt" with { type: "text" };
import gateWhileItIsClosed from "./gate_while_it_is_closed.txt" with { type: "text" };
import h01AFloorOfAnOldViewArrivesInTheNewOne from "./h01_a_floor_of_an_old_view_arrives_in_the_new_one.txt" with {
  type: "text",
};
import h01ANudgeOfTheViewBefore from "./h01_a_nudge_of_the_view_before.txt" with { type: "text" };
import h01FloorsFromAMixtureOfViews from "./h01_floors_from_a_mixture_of_views.txt" with { type: "text" };
import h01FloorsOfAnEarlierActivation from "./h01_floors_of_an_earlier_activation.txt" with { type: "text" };
import h02ADroppedRequestIsSentAgain from "./h02_a_dropped_request_is_sent_again.txt" with { type: "text" };
import h03AReceiptOfAnOldView from "./h03_a_receipt_of_an_old_view_arrives_in_the_new_one.txt" with { type: "text" };
import h03WhatWasExecutedInAnOldView from "./h03_what_was_executed_in_an_old_view.txt" with { type: "text" };
import h03WhatWasExecutedJustBeforeAFlush from "./h03_what_was_executed_just_before_a_flush.txt" with { type: "text" };
import h03WhatWasReceivedInAnOldView from "./h03_what_was_received_in_an_old_view.txt" with { type: "text" };
import h04ABarredClientComesBackByANewLink from "./h04_a_barred_client_comes_back_by_a_new_link.txt" with {
  type: "text",
};
import h04ALostClientStaysInTheStabilityTest from "./h04_a_lost_client_stays_in_the_stability_test.txt" with {
  type: "text",
};
import h05FramesOfAClosedSession from "./h05_frames_of_a_closed_session_arrive_after_the_flush.txt" with {
  type: "text",
};
import h06ADecisionThatOnlyAClientKnows from "./h06_a_decision_that_only_a_client_knows.txt" with { type: "text" };
import h06ALateAcceptReplacesNoNewerOne from "./h06_a_late_accept_replaces_no_newer_one.txt" with { type: "text" };
import h06InstallReachesOneReplicaOnly from "./h06_install_reaches_one_replica_only.txt" with { type: "text" };
import h06NobodyInstallsWhatMayStillBeUndecided from "./h06_nobody_installs_what_may_still_be_undecided.txt" with {
  type: "text",
};
import h06TheAnswererDiesWithAnOutputSeen from "./h06_the_answerer_dies_with_an_output_seen.txt" with { type: "text" };
import h06TheAnswererDiesWithAnOutputUnsent from "./h06_the_answerer_dies_with_an_output_unsent.txt" with {
  type: "text",
};
import h07AReplicaThatHangsIsWaitedFor from "./h07_a_replica_that_hangs_is_waited_for.txt" with { type: "text" };
import h08TheTimerNudgesWhatTheAnswererHasPassed from "./h08_the_timer_nudges_what_the_answerer_has_passed.txt" with {
  type: "text",
};
import h09ACoordinatorWithABallotBelowADeadOnes from "./h09_a_coordinator_with_a_ballot_below_a_dead_ones.txt" with {
  type: "text",
};
import h10AClientAnswersLateAgainAndAgain from "./h10_a_client_answers_late_again_and_again.txt" with { type: "text" };
import h10AClientHoldsTheOthersUpAgain from "./h10_a_client_holds_the_others_up_again.txt" with { type: "text" };
import h10AClientStopsWhileOthersWaitFor from "./h10_a_client_stops_while_others_wait_for_it.txt" with { type: "text" };
import h10AClientTalksAndHoldsTheOthersUp from "./h10_a_client_talks_and_holds_the_others_up.txt" with { type: "text" };
import h10AFrozenReplicaJudgesNobody from "./h10_a_frozen_replica_judges_nobody.txt" with { type: "text" };
import h10AReplicaThatWakes from "./h10_a_replica_that_wakes_does_not_judge_by_its_clock.txt" with { type: "text" };
import h10ClientsKeepTheirLease from "./h10_clients_that_wait_for_a_hung_replica_keep_their_lease.txt" with {
  type: "text",
};
import h11AClusterThatWasStartedAnew from "./h11_a_cluster_that_was_started_anew.txt" with { type: "text" };
import heldWhoHasSaidTooMuch from "./held_who_has_said_too_much.txt" with { type: "text" };
import leaseOfManyThatAreNew from "./lease_of_many_that_are_new.txt" with { type: "text" };
import leaseOfOneBehindWhichOthersWait from "./lease_of_one_behind_which_others_wait.txt" with { type: "text" };
import leaseOfOneThatWasThere from "./lease_of_one_that_was_there.txt" with { type: "text" };
import liarAFloorAtOneReplicaInALaterView from "./liar_a_floor_at_one_replica_in_a_later_view.txt" with {
  type: "text",
};
import liarAFloorAtOneReplicaWhose from "./liar_a_floor_at_one_replica_whose_fellow_dies.txt" with { type: "text" };
import liarAFloorBelowAPromiseAtOne from "./liar_a_floor_below_a_promise_at_one_replica.txt" with { type: "text" };
import liarASmallTimestampTo from "./liar_a_small_timestamp_to_one_replica_whose_fellow_dies.txt" with { type: "text" };
import liarPromisesLessThanItCosts from "./liar_promises_less_than_it_costs.txt" with { type: "text" };
import liarSendsAgainWhatWasDropped from "./liar_sends_again_what_was_dropped.txt" with { type: "text" };
import liarSendsToOneReplicaAndIsSilent from "./liar_sends_to_one_replica_and_is_silent.txt" with { type: "text" };
import liarTakesItsPromiseBack from "./liar_takes_its_promise_back.txt" with { type: "text" };
import liarTwoRequestsOfWhichOneComes from "./liar_two_requests_of_which_one_comes_before.txt" with { type: "text" };
import liarTwoRequestsUnderOneSeq from "./liar_two_requests_under_one_seq.txt" with { type: "text" };
import liarTwoTimestampsUnderOneSeq from "./liar_two_timestamps_under_one_seq.txt" with { type: "text" };
import liarWithholdsFromOneReplica from "./liar_withholds_from_one_replica.txt" with { type: "text" };
import linkAClientThatIsAheadIsKeptWaiting from "./link_a_client_that_is_ahead_is_kept_waiting.txt" with {
  type: "text",
};
import linkAClientThatNamesAViewWhichCannotBe from "./link_a_client_that_names_a_view_which_cannot_be.txt" with {
  type: "text",
};
import linkANewerOneReplacesTheOlder from "./link_a_newer_one_replaces_the_older.txt" with { type: "text" };
import linkANewerOneReplacesTheOlderAlone from "./link_a_newer_one_replaces_the_older_alone.txt" with { type: "text" };
import newcomerAcceptedUnderABallotAbove from "./newcomer_accepted_under_a_ballot_above.txt" with { type: "text" };
import newcomerComesBesideOneWithData from "./newcomer_comes_beside_one_with_data.txt" with { type: "text" };
import newcomerComesToCoordinate from "./newcomer_comes_to_coordinate.txt" with { type: "text" };
import newcomerCoordinatorDiesWhenOneHasAccepted from "./newcomer_coordinator_dies_when_one_has_accepted.txt" with {
  type: "text",
};
import newcomerDiesAfterState from "./newcomer_dies_after_state.txt" with { type: "text" };
import newcomerDiesAfterStateOk from "./newcomer_dies_after_state_ok.txt" with { type: "text" };
import newcomerDiesBeforeItFetches from "./newcomer_dies_before_it_fetches.txt" with { type: "text" };
import newcomerDiesBetweenAcceptAndInstall from "./newcomer_dies_between_accept_and_install.txt" with { type: "text" };
import newcomerIsTheOnlyOneToldOfTheDecision from "./newcomer_is_the_only_one_told_of_the_decision.txt" with {
  type: "text",
};
import newcomerIsWaitedForUntilItIsAClone from "./newcomer_is_waited_for_until_it_is_a_clone.txt" with { type: "text" };
import newcomerItsDonorDies from "./newcomer_its_donor_dies.txt" with { type: "text" };
import newcomerJoinsUnderLoad from "./newcomer_joins_under_load.txt" with { type: "text" };
import newcomerLatePieceOfADeadDonor from "./newcomer_late_piece_of_a_dead_donor.txt" with { type: "text" };
import newcomerLateStateOfADeadDonor from "./newcomer_late_state_of_a_dead_donor.txt" with { type: "text" };
import newcomerTakesOverSessionsThatHaveEnded from "./newcomer_takes_over_sessions_that_have_ended.txt" with {
  type: "text",
};
import newcomerThatDoesNotAnswerIsLeftOut from "./newcomer_that_does_not_answer_is_left_out.txt" with { type: "text" };
import newcomerThatIsAMemberAsksLate from "./newcomer_that_is_a_member_asks_late.txt" with { type: "text" };
import newcomerWhatItsDonorExecutesAfterState from "./newcomer_what_its_donor_executes_after_state.txt" with {
  type: "text",
};
import newcomerWhatItsDonor from "./newcomer_what_its_donor_withholds_bounds_what_it_says.txt" with { type: "text" };
import newcomerWithACloneOfAnotherViewHalts from "./newcomer_with_a_clone_of_another_view_halts.txt" with {
  type: "text",
};
import newcomerWithoutACloneHalts from "./newcomer_without_a_clone_halts.txt" with { type: "text" };
import newcomerWithoutALinkToADeadMember from "./newcomer_without_a_link_to_a_dead_member.txt" with { type: "text" };
import newcomersTwoAtOnce from "./newcomers_two_at_once.txt" with { type: "text" };
import nudgeAClockThatIsBehindIsIgnored from "./nudge_a_clock_that_is_behind_is_ignored.txt" with { type: "text" };
import nudgeForAllThatWaits from "./nudge_for_all_that_waits.txt" with { type: "text" };
import nudgeForWhatWasPromised from "./nudge_for_what_was_promised.txt" with { type: "text" };
import orderAFloorIsNoTimestampThatIsTaken from "./order_a_floor_is_no_timestamp_that_is_taken.txt" with {
  type: "text",
};
import orderTiesAreBrokenByTheClient from "./order_ties_are_broken_by_the_client.txt" with { type: "text" };
import outputOfOneThatSendsLittle from "./output_of_one_that_sends_little.txt" with { type: "text" };
import readAfterItsOwnRequests from "./read_after_its_own_requests.txt" with { type: "text" };
import readAtAFrozenAnswerer from "./read_at_a_frozen_answerer.txt" with { type: "text" };
import readBesideOneThatEndsTheView from "./read_beside_one_that_ends_the_view.txt" with { type: "text" };
import readOfASessionThatTwoProcessesUse from "./read_of_a_session_that_two_processes_use.txt" with { type: "text" };
import readOverAViewChange from "./read_over_a_view_change.txt" with { type: "text" };
import readThatIsNoneIsRefused from "./read_that_is_none_is_refused.txt" with { type: "text" };
import replicasOneAlone from "./replicas_one_alone.txt" with { type: "text" };
import replicasTheLastOneGoesOn from "./replicas_the_last_one_goes_on.txt" with { type: "text" };
import replicasTheWordAloneIsNotEnough from "./replicas_the_word_alone_is_not_enough.txt" with { type: "text" };
import roomNoDiskHasAny from "./room_no_disk_has_any.txt" with { type: "text" };
import roomWhatWasSentBefore from "./room_what_was_sent_before.txt" with { type: "text" };
import sealedAfterOtherRedactions from "./sealed_after_other_redactions.txt" with { type: "text" };
import sealedAgainBeforeAllHaveStated from "./sealed_again_before_all_have_stated.txt" with { type: "text" };
import sealedAndOneThatNeverDoes from "./sealed_and_one_that_never_does.txt" with { type: "text" };
import sealedBeforeItWasAMember from "./sealed_before_it_was_a_member.txt" with { type: "text" };
import sealedByOneLate from "./sealed_by_one_late.txt" with { type: "text" };
import sealedDifferentlyByTwo from "./sealed_differently_by_two.txt" with { type: "text" };
import sealedDifferentlyTheSmallerPartyHalts from "./sealed_differently_the_smaller_party_halts.txt" with {
  type: "text",
};
import sealedThreeThingsDifferently from "./sealed_three_things_differently.txt" with { type: "text" };
import sessionALostOutputIsAnsweredFromTheTable from "./session_a_lost_output_is_answered_from_the_table.txt" with {
  type: "text",
};
import sessionARetriedSeqIsExecutedOnce from "./session_a_retried_seq_is_executed_once.txt" with { type: "text" };
import sessionAnOutputOfAnotherProcess from "./session_an_output_of_another_process.txt" with { type: "text" };
import sessionEnd from "./session_end.txt" with { type: "text" };
import sessionEndOverAFlush from "./session_end_over_a_flush.txt" with { type: "text" };
import sessionThatExpiredIdle from "./session_that_expired_idle.txt" with { type: "text" };
import sessionThatExpiredWithAnOutputUnseen from "./session_that_expired_with_an_output_unseen.txt" with {
  type: "text",
};
import sessionWithALinkToOneReplicaIsKept from "./session_with_a_link_to_one_replica_is_kept.txt" with { type: "text" };
import nudgeAtOnce from "./nudge_at_once.txt" with { type: "text" };
import nudgeFurther from "./nudge_further_who_only_tells_its_clock.txt" with { type: "text" };
import nudgeOfAClientThatSendsAllTheTime from "./nudge_of_a_client_that_sends_all_the_time.txt" with { type: "text" };
import nudgeOfAClientWithoutItsOutput from "./nudge_of_a_client_without_its_output.txt" with { type: "text" };
import nudgeOfOneThatComesBack from "./nudge_of_one_that_comes_back.txt" with { type: "text" };
import shareOfNewClients from "./share_of_new_clients.txt" with { type: "text" };
import shareOfNewClientsThatComeTogether from "./share_of_new_clients_that_come_together.txt" with { type: "text" };
import shareOfOneAfterABusyMoment from "./share_of_one_after_a_busy_moment.txt" with { type: "text" };
import shareOfOneSessionForEachRequest from "./share_of_one_session_for_each_request.txt" with { type: "text" };
import stabilityWaitsForASilentClient from "./stability_waits_for_a_silent_client.txt" with { type: "text" };

/** The text of each scenario, by the name of its file without `.txt`. */
export const scenarios: Readonly<Record<string, string>> = {
  client_a_broken_promise_is_refused: clientABrokenPromiseIsRefused,
  client_a_lost_link_acknowledges_nothing: clientALostLinkAcknowledgesNothing,
  client_dies_after_its_broadcast: clientDiesAfterItsBroadcast,
  client_dies_in_the_middle_of_a_broadcast: clientDiesInTheMiddleOfABroadcast,
  client_frames_out_of_order_are_refused: clientFramesOutOfOrderAreRefused,
  clock_a_bad_timestamp_poisons_no_clock: clockABadTimestampPoisonsNoClock,
  clock_an_output_moves_that_of_its_client: clockAnOutputMovesThatOfItsClient,
  clock_of_a_replica_that_died: clockOfAReplicaThatDied,
  clock_of_one_replica_is_moved: clockOfOneReplicaIsMoved,
  clock_who_leaps_is_to_blame: clockWhoLeapsIsToBlame,
  cost_of_a_backlog: costOfABacklog,
  cost_of_a_closed_loop: costOfAClosedLoop,
  durable_a_checkpoint_has_the_decision: durableACheckpointHasTheDecision,
  durable_a_clone_and_its_dead_donor: durableACloneAndItsDeadDonor,
  durable_a_clone_is_promoted_after_all_died: durableACloneIsPromotedAfterAllDied,
  durable_a_member_is_missing: durableAMemberIsMissing,
  durable_a_newcomer_dies_before_its_snapshot_is_whole: durableANewcomerDiesBefore,
  durable_a_session_that_ended_before: durableASessionThatEndedBefore,
  durable_a_turn_of_one_that_only_executes: durableATurnThatOnlyExecutes,
  durable_accepted_by_one_only: durableAcceptedByOneOnly,
  durable_all_die_with_a_request_at_all: durableAllDieWithARequestAtAll,
  durable_all_die_with_a_request_at_some: durableAllDieWithARequestAtSome,
  durable_divergence_found_at_a_cold_start: durableDivergenceFoundAtAColdStart,
  durable_divergence_found_at_join: durableDivergenceFoundAtJoin,
  durable_divergence_of_two: durableDivergenceOfTwo,
  durable_dropped_by_what_was_given_up: durableDroppedByWhatWasGivenUp,
  durable_exactly_once_over_a_cold_start: durableExactlyOnceOverAColdStart,
  durable_one_view_behind: durableOneViewBehind,
  durable_only_what_was_missed: durableOnlyWhatWasMissed,
  durable_stopped_and_a_file_of_before: durableStoppedAndAFileOfBefore,
  durable_stopped_and_a_mark_of_before: durableStoppedAndAMarkOfBefore,
  durable_stopped_and_an_older_file: durableStoppedAndAnOlderFile,
  durable_stopped_and_left_out: durableStoppedAndLeftOut,
  durable_stopped_and_started_again: durableStoppedAndStartedAgain,
  durable_stopped_in_good_order: durableStoppedInGoodOrder,
  durable_the_coordinator_is_one_view_behind: durableTheCoordinatorIsOneViewBehind,
  durable_the_last_to_fail_decides: durableTheLastToFailDecides,
  durable_the_order_of_one_alone: durableTheOrderOfOneAlone,
  durable_two_proposals_of_one_view: durableTwoProposalsOfOneView,
  durable_what_was_accepted_binds: durableWhatWasAcceptedBinds,
  durable_what_was_given_up: durableWhatWasGivenUp,
  executed_differently_ends_the_view: executedDifferentlyEndsTheView,
  executed_is_told_without_a_lull: executedIsToldWithoutALull,
  floor_of_one_that_comes_and_goes: floorOfOneThatComesAndGoes,
  floor_while_another_stamps_far_ahead: floorWhileAnotherStampsFarAhead,
  flush_a_member_dies_after_its_receipt: flushAMemberDiesAfterItsReceipt,
  flush_a_report_is_final: flushAReportIsFinal,
  flush_a_session_that_one_report_lacks: flushASessionThatOneReportLacks,
  flush_what_was_executed_is_in_the_cut: flushWhatWasExecutedIsInTheCut,
  gate_blames_no_client_of_a_hung_member: gateBlamesNoClientOfAHungMember,
  gate_counts_each_that_was_to_blame: gateCountsEachThatWasToBlame,
  gate_hears_whom_others_blame: gateHearsWhomOthersBlame,
  gate_lets_in_who_was_at_work_before: gateLetsInWhoWasAtWorkBefore,
  gate_makes_a_prepared_liar_wait: gateMakesAPreparedLiarWait,
  gate_makes_the_third_liar_wait: gateMakesTheThirdLiarWait,
  gate_while_it_is_closed: gateWhileItIsClosed,
  h01_a_floor_of_an_old_view_arrives_in_the_new_one: h01AFloorOfAnOldViewArrivesInTheNewOne,
  h01_a_nudge_of_the_view_before: h01ANudgeOfTheViewBefore,
  h01_floors_from_a_mixture_of_views: h01FloorsFromAMixtureOfViews,
  h01_floors_of_an_earlier_activation: h01FloorsOfAnEarlierActivation,
  h02_a_dropped_request_is_sent_again: h02ADroppedRequestIsSentAgain,
  h03_a_receipt_of_an_old_view_arrives_in_the_new_one: h03AReceiptOfAnOldView,
  h03_what_was_executed_in_an_old_view: h03WhatWasExecutedInAnOldView,
  h03_what_was_executed_just_before_a_flush: h03WhatWasExecutedJustBeforeAFlush,
  h03_what_was_received_in_an_old_view: h03WhatWasReceivedInAnOldView,
  h04_a_barred_client_comes_back_by_a_new_link: h04ABarredClientComesBackByANewLink,
  h04_a_lost_client_stays_in_the_stability_test: h04ALostClientStaysInTheStabilityTest,
  h05_frames_of_a_closed_session_arrive_after_the_flush: h05FramesOfAClosedSession,
  h06_a_decision_that_only_a_client_knows: h06ADecisionThatOnlyAClientKnows,
  h06_a_late_accept_replaces_no_newer_one: h06ALateAcceptReplacesNoNewerOne,
  h06_install_reaches_one_replica_only: h06InstallReachesOneReplicaOnly,
  h06_nobody_installs_what_may_still_be_undecided: h06NobodyInstallsWhatMayStillBeUndecided,
  h06_the_answerer_dies_with_an_output_seen: h06TheAnswererDiesWithAnOutputSeen,
  h06_the_answerer_dies_with_an_output_unsent: h06TheAnswererDiesWithAnOutputUnsent,
  h07_a_replica_that_hangs_is_waited_for: h07AReplicaThatHangsIsWaitedFor,
  h08_the_timer_nudges_what_the_answerer_has_passed: h08TheTimerNudgesWhatTheAnswererHasPassed,
  h09_a_coordinator_with_a_ballot_below_a_dead_ones: h09ACoordinatorWithABallotBelowADeadOnes,
  h10_a_client_answers_late_again_and_again: h10AClientAnswersLateAgainAndAgain,
  h10_a_client_holds_the_others_up_again: h10AClientHoldsTheOthersUpAgain,
  h10_a_client_stops_while_others_wait_for_it: h10AClientStopsWhileOthersWaitFor,
  h10_a_client_talks_and_holds_the_others_up: h10AClientTalksAndHoldsTheOthersUp,
  h10_a_frozen_replica_judges_nobody: h10AFrozenReplicaJudgesNobody,
  h10_a_replica_that_wakes_does_not_judge_by_its_clock: h10AReplicaThatWakes,
  h10_clients_that_wait_for_a_hung_replica_keep_their_lease: h10ClientsKeepTheirLease,
  h11_a_cluster_that_was_started_anew: h11AClusterThatWasStartedAnew,
  held_who_has_said_too_much: heldWhoHasSaidTooMuch,
  lease_of_many_that_are_new: leaseOfManyThatAreNew,
  lease_of_one_behind_which_others_wait: leaseOfOneBehindWhichOthersWait,
  lease_of_one_that_was_there: leaseOfOneThatWasThere,
  liar_a_floor_at_one_replica_in_a_later_view: liarAFloorAtOneReplicaInALaterView,
  liar_a_floor_at_one_replica_whose_fellow_dies: liarAFloorAtOneReplicaWhose,
  liar_a_floor_below_a_promise_at_one_replica: liarAFloorBelowAPromiseAtOne,
  liar_a_small_timestamp_to_one_replica_whose_fellow_dies: liarASmallTimestampTo,
  liar_promises_less_than_it_costs: liarPromisesLessThanItCosts,
  liar_sends_again_what_was_dropped: liarSendsAgainWhatWasDropped,
  liar_sends_to_one_replica_and_is_silent: liarSendsToOneReplicaAndIsSilent,
  liar_takes_its_promise_back: liarTakesItsPromiseBack,
  liar_two_requests_of_which_one_comes_before: liarTwoRequestsOfWhichOneComes,
  liar_two_requests_under_one_seq: liarTwoRequestsUnderOneSeq,
  liar_two_timestamps_under_one_seq: liarTwoTimestampsUnderOneSeq,
  liar_withholds_from_one_replica: liarWithholdsFromOneReplica,
  link_a_client_that_is_ahead_is_kept_waiting: linkAClientThatIsAheadIsKeptWaiting,
  link_a_client_that_names_a_view_which_cannot_be: linkAClientThatNamesAViewWhichCannotBe,
  link_a_newer_one_replaces_the_older: linkANewerOneReplacesTheOlder,
  link_a_newer_one_replaces_the_older_alone: linkANewerOneReplacesTheOlderAlone,
  newcomer_accepted_under_a_ballot_above: newcomerAcceptedUnderABallotAbove,
  newcomer_comes_beside_one_with_data: newcomerComesBesideOneWithData,
  newcomer_comes_to_coordinate: newcomerComesToCoordinate,
  newcomer_coordinator_dies_when_one_has_accepted: newcomerCoordinatorDiesWhenOneHasAccepted,
  newcomer_dies_after_state: newcomerDiesAfterState,
  newcomer_dies_after_state_ok: newcomerDiesAfterStateOk,
  newcomer_dies_before_it_fetches: newcomerDiesBeforeItFetches,
  newcomer_dies_between_accept_and_install: newcomerDiesBetweenAcceptAndInstall,
  newcomer_is_the_only_one_told_of_the_decision: newcomerIsTheOnlyOneToldOfTheDecision,
  newcomer_is_waited_for_until_it_is_a_clone: newcomerIsWaitedForUntilItIsAClone,
  newcomer_its_donor_dies: newcomerItsDonorDies,
  newcomer_joins_under_load: newcomerJoinsUnderLoad,
  newcomer_late_piece_of_a_dead_donor: newcomerLatePieceOfADeadDonor,
  newcomer_late_state_of_a_dead_donor: newcomerLateStateOfADeadDonor,
  newcomer_takes_over_sessions_that_have_ended: newcomerTakesOverSessionsThatHaveEnded,
  newcomer_that_does_not_answer_is_left_out: newcomerThatDoesNotAnswerIsLeftOut,
  newcomer_that_is_a_member_asks_late: newcomerThatIsAMemberAsksLate,
  newcomer_what_its_donor_executes_after_state: newcomerWhatItsDonorExecutesAfterState,
  newcomer_what_its_donor_withholds_bounds_what_it_says: newcomerWhatItsDonor,
  newcomer_with_a_clone_of_another_view_halts: newcomerWithACloneOfAnotherViewHalts,
  newcomer_without_a_clone_halts: newcomerWithoutACloneHalts,
  newcomer_without_a_link_to_a_dead_member: newcomerWithoutALinkToADeadMember,
  newcomers_two_at_once: newcomersTwoAtOnce,
  nudge_a_clock_that_is_behind_is_ignored: nudgeAClockThatIsBehindIsIgnored,
  nudge_for_all_that_waits: nudgeForAllThatWaits,
  nudge_for_what_was_promised: nudgeForWhatWasPromised,
  order_a_floor_is_no_timestamp_that_is_taken: orderAFloorIsNoTimestampThatIsTaken,
  order_ties_are_broken_by_the_client: orderTiesAreBrokenByTheClient,
  output_of_one_that_sends_little: outputOfOneThatSendsLittle,
  read_after_its_own_requests: readAfterItsOwnRequests,
  read_at_a_frozen_answerer: readAtAFrozenAnswerer,
  read_beside_one_that_ends_the_view: readBesideOneThatEndsTheView,
  read_of_a_session_that_two_processes_use: readOfASessionThatTwoProcessesUse,
  read_over_a_view_change: readOverAViewChange,
  read_that_is_none_is_refused: readThatIsNoneIsRefused,
  replicas_one_alone: replicasOneAlone,
  replicas_the_last_one_goes_on: replicasTheLastOneGoesOn,
  replicas_the_word_alone_is_not_enough: replicasTheWordAloneIsNotEnough,
  room_no_disk_has_any: roomNoDiskHasAny,
  room_what_was_sent_before: roomWhatWasSentBefore,
  sealed_after_other_redactions: sealedAfterOtherRedactions,
  sealed_again_before_all_have_stated: sealedAgainBeforeAllHaveStated,
  sealed_and_one_that_never_does: sealedAndOneThatNeverDoes,
  sealed_before_it_was_a_member: sealedBeforeItWasAMember,
  sealed_by_one_late: sealedByOneLate,
  sealed_differently_by_two: sealedDifferentlyByTwo,
  sealed_differently_the_smaller_party_halts: sealedDifferentlyTheSmallerPartyHalts,
  sealed_three_things_differently: sealedThreeThingsDifferently,
  session_a_lost_output_is_answered_from_the_table: sessionALostOutputIsAnsweredFromTheTable,
  session_a_retried_seq_is_executed_once: sessionARetriedSeqIsExecutedOnce,
  session_an_output_of_another_process: sessionAnOutputOfAnotherProcess,
  session_end: sessionEnd,
  session_end_over_a_flush: sessionEndOverAFlush,
  session_that_expired_idle: sessionThatExpiredIdle,
  session_that_expired_with_an_output_unseen: sessionThatExpiredWithAnOutputUnseen,
  session_with_a_link_to_one_replica_is_kept: sessionWithALinkToOneReplicaIsKept,
  nudge_at_once: nudgeAtOnce,
  nudge_further_who_only_tells_its_clock: nudgeFurther,
  nudge_of_a_client_that_sends_all_the_time: nudgeOfAClientThatSendsAllTheTime,
  nudge_of_a_client_without_its_output: nudgeOfAClientWithoutItsOutput,
  nudge_of_one_that_comes_back: nudgeOfOneThatComesBack,
  share_of_new_clients: shareOfNewClients,
  share_of_new_clients_that_come_together: shareOfNewClientsThatComeTogether,
  share_of_one_after_a_busy_moment: shareOfOneAfterABusyMoment,
  share_of_one_session_for_each_request: shareOfOneSessionForEachRequest,
  stability_waits_for_a_silent_client: stabilityWaitsForASilentClient,
};
