package io.watchkeeper.dsl;

import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the blocks that declare something have in common. */
abstract sealed class BlockSpec permits RunbookSpec, ScheduleSpec, PolicySpec, GuardSpec {

    private final Declarations declarations;
    private final String block;
    private final Set<String> given = new HashSet<>();

    BlockSpec(Declarations declarations, String block) {
        this.declarations = declarations;
        this.block = block;
    }

    final Declarations declarations() {
        return declarations;
    }

    /** Notes a problem when the word was given before. */
    final void once(String word) {
        if (!given.add(word)) {
            declarations.problem("'" + word + "' is given twice in '" + block + "'", "keep one of them.");
        }
    }

    /** The duration when it is longer than nothing; otherwise the problem is noted and the fallback stands in. */
    final Duration positive(String word, @Nullable Duration duration, Duration fallback) {
        if (duration == null || duration.isNegative() || duration.isZero()) {
            String given = duration == null ? "nothing" : DurationText.say(duration);
            declarations.problem("'" + word + "' must be longer than nothing, and this is " + given, null);
            return fallback;
        }
        return duration;
    }
}
