package io.watchkeeper.http;

/** What is asked of a page inside the browser. Each answers with a list of what is wrong, so that a failure names the places. */
final class PageChecks {

    /**
     * Text whose colour is too near to what it stands on, by WCAG 2: 4.5 to 1, large text 3 to 1. Backgrounds may be transparent and
     * parents may be faint; each is laid over what is below it.
     */
    static final String CONTRAST = """
            const parse = c => { const n = c.match(/[\\d.]+/g).map(Number); return n.length > 3 ? n : [...n.slice(0, 3), 1]; };
            const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
            const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
              return .2126 * r + .7152 * g + .0722 * b; };
            const grey = c => { const v = .2126 * c[0] + .7152 * c[1] + .0722 * c[2]; return [v, v, v, c[3] ?? 1]; };
            const wrong = [];
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            let seen = 0;
            while (walker.nextNode()) {
              const node = walker.currentNode, element = node.parentElement;
              if (!node.textContent.trim() || element.closest('script,style,template,title,dialog:not([open]),option')) continue;
              const range = document.createRange();
              range.selectNodeContents(node);
              const box = range.getBoundingClientRect(), style = getComputedStyle(element);
              if (!box.width || !box.height || style.visibility !== 'visible' || element.closest('.unseen,.skip,[hidden]')) continue;
              let below = [255, 255, 255, 1], faint = 1, stale = false;
              const chain = [];
              for (let e = element; e; e = e.parentElement) chain.unshift(e);
              const page = getComputedStyle(document.body).backgroundColor;
              below = over(parse(page), below);
              for (const e of chain) {
                const s = getComputedStyle(e);
                if (!(e instanceof SVGElement)) below = over(parse(s.backgroundColor), below);
                faint *= Number(s.opacity);
                stale ||= s.filter.includes('grayscale');
              }
              const disc = element instanceof SVGElement && element.parentElement.querySelector('circle');
              if (disc) below = over(parse(getComputedStyle(disc).fill), below);
              let own = parse(element instanceof SVGElement ? style.fill : style.color);
              own = over([...own.slice(0, 3), own[3] * faint], below);
              const pair = [own, below].map(c => light((stale ? grey(c) : c).slice(0, 3)));
              const ratio = (Math.max(...pair) + .05) / (Math.min(...pair) + .05);
              const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
              seen++;
              if (ratio < (large ? 3 : 4.5)) wrong.push(`${ratio.toFixed(2)} ${element.tagName}.${element.className} "${node.textContent.trim().slice(0, 40)}"`);
            }
            if (seen < 5) wrong.push('only ' + seen + ' texts were found');
            return wrong;
            """;

    /** What a screen reader could not name, and what a keyboard could not reach. */
    static final String NAMES = """
            const wrong = [];
            const visible = e => e.getClientRects().length && getComputedStyle(e).visibility === 'visible';
            const name = e => (e.getAttribute('aria-label') || (e.getAttribute('aria-labelledby') || '').split(' ').map(id => document.getElementById(id)?.textContent || '').join(' ')
              || [...(e.labels || [])].map(l => l.textContent).join(' ') || e.textContent || e.title || '').trim();
            for (const e of document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex="0"],progress,svg[role=img]')) {
              if (visible(e) && !name(e)) wrong.push('no name: ' + e.outerHTML.slice(0, 120));
            }
            for (const e of document.querySelectorAll('svg:not([role=img])')) {
              if (visible(e) && !e.closest('[aria-hidden=true]') && !e.closest('.strip,svg[role=img]')) wrong.push('a picture without a name: ' + e.outerHTML.slice(0, 120));
            }
            for (const e of document.querySelectorAll('[onclick],[tabindex]:not([tabindex="0"]):not([tabindex="-1"])')) wrong.push('odd: ' + e.outerHTML.slice(0, 80));
            const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
            for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) wrong.push('twice: #' + id);
            for (const t of document.querySelectorAll('table')) if (!t.querySelector('th[scope]')) wrong.push('a table without headings');
            for (const e of document.querySelectorAll('[aria-labelledby]')) for (const id of e.getAttribute('aria-labelledby').split(' ')) if (!document.getElementById(id)) wrong.push('nothing is #' + id);
            if (document.querySelectorAll('h1').length !== 1) wrong.push('h1: ' + document.querySelectorAll('h1').length);
            if (!document.querySelector('main') || !document.documentElement.lang || !document.title) wrong.push('main, language or title is missing');
            return wrong;
            """;

    /** What is wider than the screen; wide tables and commands that scroll by themselves are not. */
    static final String TOO_WIDE = """
            const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
            if (wide <= 0) return [];
            return ['by ' + wide + ' px', ...[...document.querySelectorAll('body *')].filter(e => {
              const box = e.getBoundingClientRect();
              return box.right > document.documentElement.clientWidth + 1 && !e.closest('.scroll,.log,.source,.command,.unseen,svg');
            }).slice(0, 5).map(e => e.outerHTML.slice(0, 120))];
            """;

    /** The element that has the focus, and whether it is seen to have it. */
    static final String FOCUS = """
            const e = document.activeElement;
            if (!e || e === document.body) return ['', true];
            const style = getComputedStyle(e), box = e.getBoundingClientRect();
            return [(e.textContent || e.name || e.tagName).trim().slice(0, 40), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width > 0];
            """;

    private PageChecks() {}
}
