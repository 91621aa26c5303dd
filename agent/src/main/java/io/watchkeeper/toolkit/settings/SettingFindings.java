package io.watchkeeper.toolkit.settings;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What is found about settings, each with the line that mends it. */
final class SettingFindings {

    private static final Pattern BARE = Pattern.compile("[a-z_]+|-?\\d+(\\.\\d+)?");
    private static final Set<String> OF_ROLE_OR_DATABASE = Set.of("user", "database", "database user");

    private final ServerSettings settings;
    private final List<ReviewFinding> findings = new ArrayList<>();

    SettingFindings(ServerSettings settings) {
        this.settings = settings;
    }

    List<ReviewFinding> all() {
        return findings;
    }

    /** To look at. @param recommended as it would stand in postgresql.conf, without quotes */
    void warn(String code, String setting, String message, String recommended) {
        add(ReviewStatus.WARN, code, setting, message, recommended);
    }

    /** To mend now. @param recommended as it would stand in postgresql.conf, without quotes */
    void fail(String code, String setting, String message, String recommended) {
        add(ReviewStatus.FAIL, code, setting, message, recommended);
    }

    /** What no value of a setting mends. */
    void say(ReviewStatus status, String code, String message, Map<String, Object> evidence, String remedy) {
        findings.add(new ReviewFinding(code, status, message, evidence, remedy));
    }

    private void add(ReviewStatus status, String code, String name, String message, String recommended) {
        Map<String, Object> evidence = new LinkedHashMap<>();
        evidence.put("setting", name);
        evidence.put("recommended", recommended);
        Setting setting = settings.get(name);
        if (setting != null) {
            evidence.put("value", setting.words());
            evidence.put("source", setting.source());
            evidence.put("takesEffect", setting.needsRestart() ? "restart" : "reload");
        }
        findings.add(new ReviewFinding(code, status, message, evidence, remedy(name, recommended)));
    }

    private String remedy(String name, String recommended) {
        Setting setting = settings.get(name);
        String source = setting == null ? "" : setting.source();
        if (source.equals("command line")) {
            return "the server is started with " + name + " on its command line: say " + name + "=" + recommended
                    + " there, and restart it.";
        }
        if (OF_ROLE_OR_DATABASE.contains(source)) {
            return "set for this role or database, which \\drds in psql shows: ALTER ROLE … RESET " + name
                    + "; or ALTER DATABASE … RESET " + name + ";";
        }
        String value = BARE.matcher(recommended).matches() ? recommended : Identifiers.quoteLiteral(recommended);
        String line = settings.is("allow_alter_system", "off")
                ? "in postgresql.conf: " + name + " = " + value + ", then "
                : "ALTER SYSTEM SET " + name + " = " + value + "; ";
        return line
                + (setting != null && setting.needsRestart()
                        ? "-- then restart the server"
                        : "SELECT pg_reload_conf();");
    }
}
