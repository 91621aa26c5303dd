package io.watchkeeper.toolkit.check;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How full the disks of a server on this host are: those of its data directory, its log and its tablespaces. Of a server elsewhere it cannot be
 * told, and is not guessed.
 *
 * @param warn less than this share free
 * @param fullWithin a disk that will be full within so long, as it fills up now, fails
 */
public record DiskSpaceCheck(Ratio warn, Ratio fail, Duration fullWithin) implements Check {

    public static final DiskSpaceCheck USUAL =
            new DiskSpaceCheck(Ratio.percent(20), Ratio.percent(10), Duration.ofDays(3));

    private static final Duration RATE_OVER = Duration.ofHours(1);

    private static final String SQL = """
            select case when pg_has_role('pg_read_all_settings', 'usage') then current_setting('data_directory') end as "dataDirectory",
                   has_function_privilege('pg_ls_waldir()', 'execute') as "seesLog",
                   (select coalesce(array_agg(format('%s=%s', spcname, pg_tablespace_location(oid)) order by spcname), '{}')
                      from pg_tablespace where spcname not in ('pg_default', 'pg_global'))::text[] as tablespaces,
                   quote_ident(current_user) as role""";

    /** A statement of its own: the right to ask it is judged before anything of a statement is done. */
    private static final String LOG = "select coalesce(sum(size), 0)::bigint as bytes from pg_ls_waldir()";

    @Override
    public String verb() {
        return "diskSpace";
    }

    @Override
    public Review review(Look look) throws SQLException {
        Row facts = look.row(SQL);
        Findings findings = new Findings();
        if (!look.session().database().settings().local()) {
            findings.say(
                    "elsewhere", "the server is on another host: how full its disks are, only an agent there can tell");
            return findings.review(look, "disk space", "not known here: the server is on another host", List.of());
        }
        if (!facts.has("dataDirectory")) {
            findings.unreadable(facts.text("role"), "where the server keeps its data");
            return findings.review(look, "disk space", "not known: the role may not see where the data is", List.of());
        }
        Map<String, Found> disks = disks(look, findings, folders(facts));
        Long log = facts.is("seesLog") ? Long.valueOf(look.row(LOG).whole("bytes")) : null;
        Map<String, Sample> before = look.past("disk_free_bytes");
        List<Map<String, Object>> rows = new ArrayList<>();
        List<Measurement> figures = new ArrayList<>();
        disks.values().stream()
                .sorted(Comparator.comparing(found -> found.disk().freeShare()))
                .forEach(found -> {
                    double free = (double) found.disk().free().count();
                    figures.add(look.figure("disk_free_bytes", found.folder(), free));
                    OptionalDouble perDay = look.perDay(before.get(found.folder()), free, RATE_OVER);
                    Duration full = perDay.isEmpty() ? null : Findings.lasts(free, -perDay.getAsDouble());
                    Map<String, Object> shown = shown(found, log, full);
                    rows.add(shown);
                    judge(findings, found, full, shown);
                });
        look.note(figures);
        return findings.review(look, "disk space", summary(rows), rows);
    }

    /** A disk, with the first folder of the server on it and what else is there. */
    private record Found(Disks.Disk disk, String folder, List<String> holds) {}

    /** What for, and where. */
    private static Map<String, String> folders(Row facts) {
        Map<String, String> folders = new LinkedHashMap<>();
        String data = facts.text("dataDirectory");
        folders.put("data", data);
        folders.put("log", data + "/pg_wal");
        for (Object tablespace : facts.list("tablespaces")) {
            String[] parts = tablespace.toString().split("=", 2);
            folders.put("tablespace " + parts[0], parts[1]);
        }
        return folders;
    }

    private static Map<String, Found> disks(Look look, Findings findings, Map<String, String> folders) {
        Map<String, Found> disks = new LinkedHashMap<>();
        folders.forEach((what, folder) -> {
            Optional<Disks.Disk> disk = Disks.of(look, folder);
            if (disk.isEmpty()) {
                findings.warn(
                        "unreadable",
                        "the agent cannot get at " + folder + " (" + what + "), so how full its disk is, is not known",
                        Map.of("folder", folder),
                        "let the agent's user go through the folders above it: chmod o+x, or setfacl -m u:watchkeeper:x");
                return;
            }
            disks.computeIfAbsent(disk.get().key(), key -> new Found(disk.get(), folder, new ArrayList<>()))
                    .holds()
                    .add(what);
        });
        return disks;
    }

    private static Map<String, Object> shown(Found found, @Nullable Long log, @Nullable Duration full) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("folder", found.folder());
        shown.put("holds", String.join(", ", found.holds()));
        shown.put("freePercent", Findings.percent(found.disk().freeShare()));
        shown.put("free", found.disk().free().count());
        shown.put("total", found.disk().total().count());
        if (found.holds().contains("log") && log != null) {
            shown.put("logBytes", log);
        }
        if (full != null) {
            shown.put("secondsUntilFull", full.toSeconds());
        }
        return shown;
    }

    private void judge(Findings findings, Found found, @Nullable Duration full, Map<String, Object> shown) {
        Ratio free = found.disk().freeShare();
        ReviewStatus status = Findings.below(free, warn, fail);
        boolean soon = full != null && full.compareTo(fullWithin) < 0;
        if (status == ReviewStatus.OK && !soon) {
            return;
        }
        findings.add(
                soon ? ReviewStatus.FAIL : status,
                soon ? "fullSoon" : "littleFree",
                "the disk of " + found.folder() + " (" + String.join(", ", found.holds()) + ") has "
                        + found.disk().free() + " free, " + free + " of "
                        + found.disk().total()
                        + (full == null ? "" : ", and as it fills up now is full in " + DurationText.say(full)),
                shown,
                found.holds().contains("log")
                        ? "look what keeps the log: SELECT slot_name, active, restart_lsn FROM pg_replication_slots; SELECT * FROM"
                                + " pg_stat_archiver; and what is large: du -xh --max-depth=2 " + found.folder()
                                + " | sort -h | tail"
                        : "du -xh --max-depth=2 " + found.folder() + " | sort -h | tail");
    }

    private static String summary(List<Map<String, Object>> rows) {
        if (rows.isEmpty()) {
            return "not known: the agent cannot get at the server's folders";
        }
        Map<String, Object> fullest = rows.get(0);
        return fullest.get("freePercent") + " % of the disk of " + fullest.get("folder") + " is free"
                + (rows.size() == 1 ? "" : ", more of " + Findings.count(rows.size() - 1, "other", "others"));
    }
}
