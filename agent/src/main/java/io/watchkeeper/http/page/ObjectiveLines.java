package io.watchkeeper.http.page;

import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewStatus;
import java.util.List;
import java.util.Optional;

/** Whether databases keep what is promised of them: one line each, and nothing where nothing is promised. */
public final class ObjectiveLines {

    private ObjectiveLines() {}

    static Html of(List<Review> objectives, Saying say) {
        return Html.of(
                "{}", objectives.stream().map(review -> line(review, say)).toList());
    }

    private static Html line(Review review, Saying say) {
        Words words = say.words();
        Html mark = switch (review.worst()) {
            case OK -> say.mark("succeeded", "✓", words.say("objectives.kept", review.database()));
            case WARN -> say.mark("skipped", "▲", words.say("objectives.look", review.database()));
            case FAIL -> say.mark("failed", "✖", words.say("objectives.broken", review.database()));
        };
        return Html.of("<p class=\"line\">{} <span class=\"since\">{}</span></p>\n", mark, review.summary());
    }

    /** What stands among the warnings; empty where all is as promised. */
    public static Optional<String> warning(Review review) {
        return review.findings().stream()
                .filter(finding -> finding.status() != ReviewStatus.OK)
                .findFirst()
                .map(finding -> "objectives of " + review.database() + ": " + finding.message());
    }
}
