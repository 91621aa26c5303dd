package io.watchkeeper.toolkit.migrate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change of a Sqitch plan.
 *
 * @param scriptName of its scripts, without the ending; differs from the name where a change was reworked later
 * @param reference how Sqitch is told that just this one is meant: the name, with the tag after it where the name comes twice
 * @param requires names of changes that have to be there before it
 * @param note what the plan says of it
 * @param tags that stand right after it, without the {@code @}
 */
record SqitchChange(
        String name,
        String scriptName,
        String reference,
        List<String> requires,
        @Nullable String note,
        List<String> tags) {

    SqitchChange {
        requires = List.copyOf(requires);
        tags = List.copyOf(tags);
    }
}
