package io.watchkeeper.dsl;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Makes a getter of a block's Spec class a bare word that stands for a value, for example {@code skip} in {@code overlap skip}. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Choice {

    /** The words whose value it is, for example {@code overlap}. */
    String[] of();

    /** What choosing it means, in a sentence of Markdown. */
    String value();
}
