from concurrent.futures import ThreadPoolExecutor

from supertokens_python.recipe.usermetadata.syncio import clear_user_metadata, get_user_metadata, update_user_metadata


def test_a_user_without_metadata_has_an_empty_object(app):
    assert get_user_metadata("nobody").metadata == {}


def test_an_update_merges_at_the_top_level_only(app):
    assert update_user_metadata("alice", {"a": 1, "nested": {"x": 1, "y": 2}}).metadata == {"a": 1, "nested": {"x": 1, "y": 2}}
    assert update_user_metadata("alice", {"b": 2, "nested": {"z": 3}}).metadata == {"a": 1, "b": 2, "nested": {"z": 3}}


def test_g35_a_null_deletes_at_the_top_and_stays_below(app):
    update_user_metadata("alice", {"gone": 1, "kept": 1})
    merged = update_user_metadata("alice", {"gone": None, "nested": {"null": None, "list": [None, 1]}}).metadata
    assert merged == {"kept": 1, "nested": {"null": None, "list": [None, 1]}}
    assert get_user_metadata("alice").metadata == merged


def test_removing_what_was_never_there_leaves_nothing(app):
    assert update_user_metadata("alice", {"gone": None}).metadata == {}
    assert get_user_metadata("alice").metadata == {}


def test_metadata_is_cleared_as_a_whole_and_more_than_once(app):
    update_user_metadata("alice", {"a": 1})
    clear_user_metadata("alice")
    clear_user_metadata("alice")
    assert get_user_metadata("alice").metadata == {}
    assert update_user_metadata("alice", {"b": 1}).metadata == {"b": 1}


def test_metadata_keeps_numbers_and_text_as_they_are(app):
    value = {"big": 2**53 + 1, "ms": 1763948096789, "half": 0.5, "text": "żółć 🎟", "": ""}
    assert update_user_metadata("alice", value).metadata == value
    assert get_user_metadata("alice").metadata == value


def test_updates_at_the_same_time_all_survive(app):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: update_user_metadata("alice", {f"field{n}": n}), range(16)))
    assert get_user_metadata("alice").metadata == {f"field{n}": n for n in range(16)}
