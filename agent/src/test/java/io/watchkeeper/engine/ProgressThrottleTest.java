package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Progress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressThrottleTest {

    private final List<Progress> passed = new ArrayList<>();
    private final ProgressThrottle throttle = new ProgressThrottle(passed::add);

    @Test
    void theLastStateOfAStageComesBeforeTheNextStage() {
        throttle.accept(load("a", 1));
        throttle.accept(load("a", 2));
        throttle.accept(load("a", 3));
        throttle.accept(new Progress("a", "verify", 3, -1, 0));
        throttle.flush();

        assertThat(passed).containsExactly(load("a", 1), load("a", 3), new Progress("a", "verify", 3, -1, 0));
    }

    @Test
    void subjectsDoNotHoldEachOtherBack() {
        throttle.accept(load("a", 1));
        throttle.accept(load("b", 1));

        assertThat(passed).containsExactly(load("a", 1), load("b", 1));
    }

    @Test
    void nothingFollowsAFinishedSubject() {
        throttle.accept(load("a", 1));
        throttle.accept(load("a", 2));
        throttle.accept(Progress.finished("a"));
        throttle.flush();

        assertThat(passed).containsExactly(load("a", 1), Progress.finished("a"));
    }

    private static Progress load(String subject, long rows) {
        return new Progress(subject, "load", rows, 10, 0);
    }
}
