package io.watchkeeper.dsl;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a method of a block's Spec class (or of what a verb returns) a word of the runbook language. Methods without it cannot be
 * called from a runbook. The reference and the hints of error messages are made of this.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Word {

    /** What the word means, in a sentence or two of Markdown. */
    String value();

    /** How it is written, as it would stand in a runbook. */
    String example();

    /** What holds when it is not written, as it would be written; empty where there is nothing to say. */
    String byDefault() default "";
}
