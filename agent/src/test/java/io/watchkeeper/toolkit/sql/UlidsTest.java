package io.watchkeeper.toolkit.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UlidsTest {

    private static Clock at(String moment) {
        return Clock.fixed(Instant.parse(moment), ZoneOffset.UTC);
    }

    @Test
    void eachSortsBehindTheOneBeforeItAlsoWithinAMillisecondAndWhenTheClockIsSetBack() {
        Ulids ulids = new Ulids();
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            made.add(ulids.next(at("2026-03-01T12:00:00.123Z")));
        }
        made.add(ulids.next(at("2026-03-01T11:00:00Z")));
        made.add(ulids.next(at("2026-03-01T12:00:00.124Z")));

        assertThat(made).isSorted().doesNotHaveDuplicates().allMatch(one -> one.matches("[0-7][0-9A-HJKMNP-TV-Z]{25}"));
    }

    @Test
    void beginsWithTheTimeAsTheStandardHasIt() {
        assertThat(new Ulids().next(at("2016-07-30T23:54:10.259Z"))).startsWith("01ARZ3NDEK");
    }
}
