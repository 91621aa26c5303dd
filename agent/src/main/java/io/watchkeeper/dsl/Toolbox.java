package io.watchkeeper.dsl;

import io.watchkeeper.alert.Alerts;
import java.time.Clock;

/**
 * What the words of the language need from the agent.
 *
 * @param host this host's name, a label of every alert
 */
public record Toolbox(String host, Clock clock, Alerts alerts, CronSyntax cron) {}
