with words as (
    select array[
            '항해 일지를 선박 서버에 기록했다.', '위성 링크가 세 시간 동안 끊겼다.', '기관실 점검 결과 이상이 없다.',
            '연료 소비량이 지난 항차보다 4% 줄었다.', '백업을 복원해 내용까지 확인했다.', '부산항 입항 예정 시각을 갱신했다.',
            '냉동 컨테이너 온도가 기준을 벗어났다.', '정비 부품을 다음 기항지에서 받는다.', '승무원 교대 명단을 본사에 보냈다.',
            '기상 악화로 항로를 남쪽으로 바꿨다.', '복제 지연이 5분을 넘지 않았다.', '인덱스를 다시 만들어 조회가 빨라졌다.'] as ko,
        array[
            'The voyage log was written aboard.', 'The satellite link was down for three hours.',
            'The engine room inspection found nothing unusual.', 'Fuel use fell by four percent against the last voyage.',
            'The backup was restored and its contents were checked.', 'The estimated arrival at Busan was moved.',
            'A reefer container left its temperature range.', 'Spare parts wait at the next port of call.',
            'The crew change list went to the office.', 'Bad weather moved the route to the south.',
            'Replication lag stayed below five minutes.', 'Rebuilding the index made the lookup fast again.'] as en,
        array['항해 보고서', '정비 기록', '안전 점검표', '화물 명세', '기상 분석'] as ko_titles,
        array['Voyage report', 'Maintenance record', 'Safety checklist', 'Cargo manifest', 'Weather analysis'] as en_titles
), numbered as (
    select n, case when pg_temp.pick(n, 21, 5) < 3 then 'ko' else 'en' end as language,
        timestamptz '2024-06-01 00:00+09' + pg_temp.pick(n, 22, 45000000) * interval '1 second' as created_at
    from generate_series(1, pg_temp.documents()) n
), written as (
    select n, language, created_at,
        case language when 'ko' then ko_titles else en_titles end as titles,
        case language when 'ko' then ko else en end as sentences
    from numbered, words
)
insert into documents (id, tenant_id, language, title, body, digest, metadata, created_at, updated_at)
select md5('document ' || n)::uuid,
    't' || lpad((1 + pg_temp.pick(n, 23, pg_temp.tenants()))::text, 4, '0'),
    language,
    titles[1 + pg_temp.pick(n, 24, 5)] || ' ' || to_char(created_at at time zone 'Asia/Seoul', 'YYYY-MM-DD') || ' #' || n,
    concat_ws(' ',
        sentences[1 + pg_temp.pick(n, 25, 12)], sentences[1 + pg_temp.pick(n, 26, 12)],
        sentences[1 + pg_temp.pick(n, 27, 12)], sentences[1 + pg_temp.pick(n, 28, 12)]),
    sha256(convert_to('document ' || n, 'UTF8')),
    jsonb_build_object('ship', 'ship-' || (1 + pg_temp.pick(n, 29, 40)), 'pages', 1 + pg_temp.pick(n, 30, 60),
        'tags', jsonb_build_array((array['engine', 'cargo', 'crew', 'weather'])[1 + n % 4], language)),
    created_at,
    created_at + pg_temp.pick(n, 31, 864000) * interval '1 second'
from written;

insert into document_chunks (document_id, chunk_no, content, embedding, token_count)
select md5('document ' || n)::uuid,
    c,
    case when pg_temp.pick(n, 21, 5) < 3
        then format('%s번 문서의 %s번째 부분: 선박과 육상 서버 사이에서 같은 내용을 유지한다. 확인 번호 %s.', n, c, pg_temp.pick(n * 7 + c, 41, 1000000))
        else format('Part %2$s of document %1$s: shore and ship keep the same rows, checked by number %3$s.', n, c, pg_temp.pick(n * 7 + c, 41, 1000000))
    end,
    array[pg_temp.unit(n, 42 + c), pg_temp.unit(n, 52 + c), pg_temp.unit(n, 62 + c), pg_temp.unit(n, 72 + c),
        pg_temp.unit(n, 82 + c), pg_temp.unit(n, 92 + c)],
    20 + pg_temp.pick(n, 43, 200)
-- Lateral, so that a document's chunks lie together, as they do where an importer wrote them.
from generate_series(1, pg_temp.documents()) n cross join lateral generate_series(1, 7 + 0 * n) c;
