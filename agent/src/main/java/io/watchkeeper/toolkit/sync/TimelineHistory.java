package io.watchkeeper.toolkit.sync;

import io.watchkeeper.toolkit.copy.SourceMark;
import java.util.Optional;

/** Tells what a promotion has left of the source's past. */
@FunctionalInterface
interface TimelineHistory {

    /** Nothing is known, so that nothing is taken for granted. */
    TimelineHistory UNKNOWN = (before, now) -> Optional.of(
            "the source was promoted: it is on timeline " + now.timeline() + ", and was on " + before.timeline());

    /** Why what the earlier view showed may be gone on the new timeline; empty when all of it is there. */
    Optional<String> lostSince(SourceMark before, SourceMark now);
}
