package io.watchkeeper.checklist;

/**
 * Something that needs a person.
 *
 * @param item of the checklist that found it
 * @param now whether it has to be mended now; else it is to be looked at when there is time
 * @param message what is so, with names and values
 * @param remedy SQL, a setting or a command that mends it, or what to do in words; empty when nothing is known that would
 */
public record Need(String item, boolean now, String message, String remedy) {}
