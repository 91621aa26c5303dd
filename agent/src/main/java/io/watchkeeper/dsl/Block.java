package io.watchkeeper.dsl;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes the block whose words are the methods of the annotated Spec class. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Block {

    /** The word that opens the block. */
    String name();

    /** What the block is for, in a sentence or two of Markdown. */
    String value();

    /** Words it cannot be without; {@code a|b} where one of two is needed. */
    String[] needs() default {};

    /** Its words in the order in which people look for them. */
    String[] words();
}
