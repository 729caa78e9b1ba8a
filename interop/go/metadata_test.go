package interop

import (
	"fmt"
	"sync"
	"testing"

	"github.com/supertokens/supertokens-golang/recipe/usermetadata"
)

func metadata(user string) object {
	running.Helper()
	return must(usermetadata.GetUserMetadata(user))
}

func Test_a_user_without_metadata_has_an_empty_object(t *testing.T) {
	connect(t, options{})
	equal(t, metadata("nobody"), object{})
}

func TestG35_an_update_merges_at_the_top_where_a_null_deletes(t *testing.T) {
	connect(t, options{})
	must(usermetadata.UpdateUserMetadata("alice", object{"gone": 1, "kept": 1, "nested": object{"x": 1}}))
	merged := must(usermetadata.UpdateUserMetadata("alice", object{"gone": nil, "nested": object{"null": nil}}))
	equal(t, merged, object{"kept": 1.0, "nested": object{"null": nil}})
	equal(t, metadata("alice"), merged)
}

func Test_metadata_is_cleared_as_a_whole_and_more_than_once(t *testing.T) {
	connect(t, options{})
	must(usermetadata.UpdateUserMetadata("alice", object{"a": 1}))
	equal(t, usermetadata.ClearUserMetadata("alice"), nil)
	equal(t, usermetadata.ClearUserMetadata("alice"), nil)
	equal(t, metadata("alice"), object{})
}

func Test_updates_at_the_same_time_all_survive(t *testing.T) {
	connect(t, options{})
	want := object{}
	var all sync.WaitGroup
	for i := 0; i < 16; i++ {
		name := fmt.Sprintf("field%d", i)
		want[name] = float64(i)
		all.Add(1)
		go func(i int) {
			defer all.Done()
			if _, err := usermetadata.UpdateUserMetadata("alice", object{name: i}); err != nil {
				t.Error(err)
			}
		}(i)
	}
	all.Wait()
	equal(t, metadata("alice"), want)
}
